"""How long the compiler takes for each of the 22 queries of TPC-H, the server's part included.

python -m benchmarks.compile_times
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

import dyntables
from benchmarks.home import tpch
from benchmarks.tpch_queries import QUERIES
from dyntables import clock
from dyntables.engines.postgres.session import connect
from dyntables.refresh.definitions import read_definition


def main() -> int:
    """Print the milliseconds of each query; return 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, help="keep the server's data here; loaded only if it is empty")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    times: dict[str, float] = {}
    with tpch(options.data_dir, 0.01) as client:
        client.execute("CREATE SCHEMA IF NOT EXISTS analytics")
        with connect(client.url) as connection:
            for name, query in QUERIES.items():
                taken = []
                for _ in range(options.repeat):
                    started = clock.monotonic()
                    with connection.transaction():
                        reading = read_definition(
                            connection, query, "tpch, public", {}, "dyntables_data.none", connection.info.user
                        )
                    taken.append((clock.monotonic() - started) * 1000)
                    assert reading.compiled is not None
                times[name] = statistics.median(taken)
    middle, longest = statistics.median(times.values()), max(times, key=lambda n: times[n])
    print(f"dyntables {dyntables.__version__}: " + ", ".join(f"{n} {t:.0f}" for n, t in times.items()) + " ms")
    print(f"median {middle:.0f} ms (target ≤ 50), longest {times[longest]:.0f} ms for {longest} (target ≤ 300)")
    return 0 if middle <= 50 and times[longest] <= 300 else 1


if __name__ == "__main__":
    sys.exit(main())
