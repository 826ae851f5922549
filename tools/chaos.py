"""``make chaos``: faults at every step of a refresh, on real servers and real processes.

make chaos ARGS="--faults 160 --versions 18,15"
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

from tests.chaos.campaign import Tally, run_campaign
from tests.chaos.faults import FAULTS


def main() -> int:
    """Run the campaigns and print the table of results; return 1 if anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=160, help="on each version")
    parser.add_argument("--versions", default="18,15")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="kinds of faults whose name contains this")
    parser.add_argument("--without", default="", help="no kinds whose name contains this")
    options = parser.parse_args()
    failed = 0
    kinds = [f for f in FAULTS if options.only in f.name and (not options.without or options.without not in f.name)]
    for version in map(int, options.versions.split(",")):
        started = time.monotonic()
        tallies = run_campaign(version, options.faults, options.seed, report=_say, kinds=kinds)
        failed += _print(version, tallies, time.monotonic() - started)
    return 1 if failed else 0


def _say(line: str) -> None:
    print(line, flush=True)


def _print(version: int, tallies: dict[str, Tally], seconds: float) -> int:
    print(f"\nPostgreSQL {version}, {sum(t.faults for t in tallies.values())} faults in {seconds:.0f} s\n")
    print("| fault | injected | at steps | refreshes that broke | recovery, median | longest | violations |")
    print("|---|---|---|---|---|---|---|")
    for name, tally in tallies.items():
        times = tally.seconds or [0.0]
        counts = f"{tally.faults} | {len(tally.steps)} | {tally.broke}"
        print(
            f"| {name} | {counts} | {statistics.median(times):.2f} s | {max(times):.2f} s | {len(tally.violations)} |"
        )
    print(flush=True)
    return sum(len(t.violations) for t in tallies.values())


if __name__ == "__main__":
    sys.exit(main())
