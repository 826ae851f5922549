"""Run random histories against random definitions for as long as asked: ``make fuzz MINUTES=10``."""

from __future__ import annotations

import argparse
import random
import time

import psycopg

from tests.oracle.generation.laboratory import Laboratory, laboratory
from tests.oracle.generation.search import search
from tests.oracle.generation.special.kind import SpecialKind
from tests.oracle.generation.special.kinds import KINDS
from tests.support.servers import server_home, start_test_server

BATCH = 20
SPECIAL = 2  # every so many batches are of a special kind, each in its turn


def main() -> int:
    """Return 1 if a case failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--first-failure", action="store_true", help="stop at the first failure")
    parser.add_argument("--kind", choices=sorted(KINDS), help="cases of this special kind only")
    parser.add_argument("--server", type=int, default=18, help="the version of PostgreSQL")
    options = parser.parse_args()
    started = time.monotonic()
    failures = 0
    with server_home() as home, start_test_server(options.server, home) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE fuzz")
        with laboratory(server.url_for("fuzz")) as lab:
            seed = options.seed
            while time.monotonic() - started < options.minutes * 60:
                failures += _batch(lab, seed, KINDS[options.kind] if options.kind else _kind_of(seed))
                _report(lab, time.monotonic() - started, seed, failures)
                if failures and options.first_failure:
                    break
                seed += 1
            print(f"refreshes: {dict(lab.tally.actions)}\nproductions: {dict(lab.tally.uses.most_common())}")
    return 1 if failures else 0


def _kind_of(seed: int) -> SpecialKind | None:
    turn, ordinary = divmod(seed, SPECIAL)
    return None if ordinary else list(KINDS.values())[turn % len(KINDS)]


def _batch(lab: Laboratory, seed: int, kind: SpecialKind | None) -> int:
    try:
        if kind is None:
            search(lab, lab.check, examples=BATCH, seed=seed)
        else:
            search(lab, kind.check(lab), examples=max(BATCH // kind.effort, 1), seed=seed, kind=kind.cases(lab))
    except Exception as error:
        # Whatever goes wrong is a finding: it is printed, and the search goes on.
        print(f"FAILED {type(error).__name__}: {error}", *getattr(error, "__notes__", ()), sep="\n", flush=True)
        return 1
    return 0


def _report(lab: Laboratory, seconds: float, seed: int, failures: int) -> None:
    tally = lab.tally
    print(
        f"{seconds:6.0f} s  seed {seed}  histories {tally.histories} ({tally.histories / seconds:.1f}/s)  "
        f"definitions {tally.definitions} ({tally.incremental} incremental, {tally.rejected} rejected)  "
        f"refreshes {tally.actions.total()}  failures {failures}",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
