"""How long the compiler takes for each of the 22 queries of TPC-H and for large ones, the server's part included.

python -m benchmarks.compile_times
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

import psycopg

import dyntables
from benchmarks.home import tpch
from benchmarks.tpch_queries import QUERIES
from dyntables import clock
from dyntables.engines.postgres.connection.session import connect
from dyntables.refresh.sources.definitions import Terms, read_definition

LARGE = {  # seconds that each may take
    "98 joins": 2.0,
    "1,000 columns": 5.0,
    "200 branches": 2.0,
}


def main() -> int:
    """Print the milliseconds of each query; return 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, help="keep the server's data here; loaded only if it is empty")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with tpch(options.data_dir, 0.01) as client:
        client.execute("CREATE SCHEMA IF NOT EXISTS analytics")
        with connect(client.url) as connection:
            times = {name: _time(connection, query, options.repeat) for name, query in QUERIES.items()}
            large = {name: _time(connection, query, options.repeat) for name, query in _large(client).items()}
        client.execute("DROP SCHEMA large CASCADE")
    middle, longest = statistics.median(times.values()), max(times, key=lambda n: times[n])
    print(f"dyntables {dyntables.__version__}: " + ", ".join(f"{n} {t:.0f}" for n, t in times.items()) + " ms")
    print(f"median {middle:.0f} ms (target ≤ 50), longest {times[longest]:.0f} ms for {longest} (target ≤ 300)")
    for name, taken in large.items():
        print(f"{name} {taken / 1000:.2f} s (target ≤ {LARGE[name]:.0f})")
    slow = [name for name, taken in large.items() if taken > LARGE[name] * 1000]
    return 0 if middle <= 50 and times[longest] <= 300 and not slow else 1


def _time(connection: psycopg.Connection, query: str, repeat: int) -> float:
    """Return the median of the milliseconds that a query takes to compile."""
    terms, taken = Terms(connection.info.user), []
    for _ in range(repeat):
        started = clock.monotonic()
        with connection.transaction():
            reading = read_definition(connection, query, "tpch, public", {}, "dyntables_data.none", terms)
        taken.append((clock.monotonic() - started) * 1000)
        assert reading.compiled is not None
    return statistics.median(taken)


def _large(client: dyntables.Client) -> dict[str, str]:
    """Make the tables of the large queries, and return these."""
    tables = [f"CREATE TABLE large.t{i} (id integer PRIMARY KEY, v integer)" for i in range(98)]
    wide = ", ".join(f"c{i} integer" for i in range(1000))
    client.execute("; ".join(["CREATE SCHEMA large", *tables, f"CREATE TABLE large.wide (id integer, {wide})"]))
    joins = " ".join(f"JOIN large.t{i} ON t{i}.id = t{i - 1}.id" for i in range(1, 98))
    return {
        "98 joins": f"SELECT {', '.join(f't{i}.v AS v{i}' for i in range(98))} FROM large.t0 {joins}",
        "1,000 columns": f"SELECT {', '.join(f'c{i} + 1 AS d{i}' for i in range(1000))} FROM large.wide",
        "200 branches": " UNION ALL ".join(f"SELECT id, v + {i} AS v FROM large.t{i % 98}" for i in range(200)),
    }


if __name__ == "__main__":
    sys.exit(main())
