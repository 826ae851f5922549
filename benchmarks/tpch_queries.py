"""The 22 queries of TPC-H as dynamic tables, under the refresh functions: incremental refresh against recomputing.

    python -m benchmarks.tpch_queries --scale 1 --data-dir D

RF1 inserts 0.1 % of the orders with their line items, RF2 deletes as many. The inserted ones are orders that were set
aside before, so that their values are distributed as the generator made them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from typing import NamedTuple

import psutil

import dyntables
from benchmarks.home import tpch
from dyntables import clock

QUERIES = {path.stem: path.read_text() for path in sorted((Path(__file__).parent / "queries").glob("q*.sql"))}
_SHARE = 0.001


class Measured(NamedTuple):
    """What one query took: milliseconds of each refresh, and of the better of two recomputations."""

    name: str
    mode: str
    refreshes: list[float]
    recompute: float
    equal: bool


def prepare(client: dyntables.Client) -> None:
    """Set aside the first orders that RF1 inserts."""
    client.execute("CREATE SCHEMA IF NOT EXISTS bench")
    for table, key in (("orders", "o_orderkey"), ("lineitem", "l_orderkey")):
        client.execute(f"DROP TABLE IF EXISTS bench.{table}")
        client.execute(f"CREATE TABLE bench.{table} AS SELECT * FROM tpch.{table} WITH NO DATA")
        client.execute(f"CREATE INDEX ON bench.{table} ({key})")
    _set_aside(client)


def refresh_functions(client: dyntables.Client) -> None:
    """Run RF1 and RF2; what RF2 deletes, the next RF1 inserts."""
    client.execute("INSERT INTO tpch.orders SELECT * FROM bench.orders")
    client.execute("INSERT INTO tpch.lineitem SELECT * FROM bench.lineitem")
    client.execute("TRUNCATE bench.orders, bench.lineitem")
    _set_aside(client)


def _set_aside(client: dyntables.Client) -> None:
    client.execute(
        "INSERT INTO bench.orders SELECT * FROM tpch.orders WHERE o_orderkey IN (SELECT o_orderkey FROM tpch.orders "
        f"ORDER BY hashint8(o_orderkey # (random() * 1e9)::bigint) LIMIT (SELECT count(*) * {_SHARE} FROM tpch.orders))"
    )
    client.execute(
        "INSERT INTO bench.lineitem SELECT l.* FROM tpch.lineitem l JOIN bench.orders ON l_orderkey = o_orderkey"
    )
    client.execute("DELETE FROM tpch.lineitem USING bench.orders WHERE l_orderkey = o_orderkey")
    client.execute("DELETE FROM tpch.orders t USING bench.orders b WHERE t.o_orderkey = b.o_orderkey")


def create(client: dyntables.Client, name: str) -> float:
    """Create a query's dynamic table; return the milliseconds, the first refresh included."""
    started = clock.monotonic()
    client.execute(
        f"CREATE OR REPLACE DYNAMIC TABLE bench.{name} TARGET_LAG = '1 day' REFRESH_MODE = INCREMENTAL "
        f"AS {QUERIES[name]}"
    )
    return (clock.monotonic() - started) * 1000


def refresh(client: dyntables.Client, name: str) -> tuple[str, float]:
    """Refresh a table; return the action that ran and its milliseconds."""
    result = client.execute(f"ALTER DYNAMIC TABLE bench.{name} REFRESH")
    row = dict(zip(result.columns, result.rows[0], strict=True))
    return str(row["action"]), float(row["duration_ms"])


def recompute(client: dyntables.Client, name: str) -> float:
    """Return the milliseconds of computing a query into a table."""
    times = []
    for _ in range(2):
        client.execute("DROP TABLE IF EXISTS bench.recomputed")
        started = clock.monotonic()
        client.execute(f"CREATE TABLE bench.recomputed AS {QUERIES[name]}")
        times.append((clock.monotonic() - started) * 1000)
    return min(times)


def measure(client: dyntables.Client, names: list[str], cycles: int) -> list[Measured]:
    """Create the tables, run the refresh functions, refresh after each, compare at the end."""
    prepare(client)
    for name in names:
        print(f"creating {name}: {create(client, name):,.0f} ms", file=sys.stderr, flush=True)
    times: dict[str, list[float]] = {name: [] for name in names}
    actions: dict[str, set[str]] = {name: set() for name in names}
    for _ in range(cycles):
        refresh_functions(client)
        for name in names:
            action, milliseconds = refresh(client, name)
            times[name].append(milliseconds)
            actions[name].add(action)
    found = []
    for name in names:
        equal = bool(client.execute(f"ALTER DYNAMIC TABLE bench.{name} VERIFY").rows[0][1])
        mode = "/".join(sorted(actions[name]))
        found.append(Measured(name, mode, times[name], recompute(client, name), equal))
    return found


def main() -> int:
    """Print a row for each query; return 1 if any is not incremental or not equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--data-dir", type=Path, help="keep the server's data here; loaded only if it is empty")
    parser.add_argument("--cycles", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(QUERIES))
    options = parser.parse_args()
    with tpch(options.data_dir, options.scale) as client:
        client.execute("SET search_path = tpch, public")
        version = client.execute("SHOW server_version").rows[0][0]
        rows = measure(client, options.only, options.cycles)
    where = f"PostgreSQL {version}, SF {options.scale:g}, {psutil.cpu_count()} processors"
    print(f"\ndyntables {dyntables.__version__}, {where}\n")
    print("| query | action | refresh ms | recompute ms | ratio | equal |\n|---|---|---|---|---|---|")
    ratios = []
    for row in rows:
        typical = statistics.median(row.refreshes)
        ratios.append(row.recompute / typical)
        print(
            f"| {row.name} | {row.mode} | {typical:,.1f} | {row.recompute:,.0f} | {ratios[-1]:,.1f} × | "
            f"{'yes' if row.equal else 'NO'} |"
        )
    good = sum(r.equal and "FULL" not in r.mode and "REINITIALIZE" not in r.mode for r in rows)
    print(f"\n{good} of {len(rows)} incremental and equal; median ratio {statistics.median(ratios):,.1f} ×")
    return 0 if good == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
