"""``make bench``: the speed of refreshes and the cost of capture, on TPC-H, as ratios from one run.

make bench ARGS="--scale 1"
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg

import dyntables
from benchmarks.home import home_of
from dyntables import clock
from dyntables.catalog import store
from dyntables.demo.pipelines import pipelines
from dyntables.demo.tpch.load import load
from dyntables.demo.tpch.workload import Workload
from dyntables.engines.postgres.connection.session import connect_unattended
from dyntables.refresh.choice.idle import skip_unchanged

_ORDERS = "order_analytics_incremental"
_LTV = "customer_ltv_incremental"


class Bench:
    """One run on one database; collects lines of a table."""

    def __init__(self, client: dyntables.Client) -> None:
        self.client = client
        self.lines: list[tuple[str, str, str, bool]] = []
        self.queries = {p.name.split(".")[1]: p.query for p in pipelines()}

    def report(self, what: str, measured: str, target: str, met: bool) -> None:
        """Add a line and print it."""
        self.lines.append((what, measured, target, met))
        print(f"| {what} | {measured} | {target} | {'yes' if met else 'NO'} |", flush=True)

    def refresh(self, name: str) -> float:
        """Refresh a table; return its own milliseconds."""
        result = self.client.execute(f"ALTER DYNAMIC TABLE analytics.{name} REFRESH")
        row = next(dict(zip(result.columns, r, strict=True)) for r in result.rows if r[0] == f"analytics.{name}")
        assert row["action"] in ("INCREMENTAL", "NO_DATA"), row
        return float(row["duration_ms"])

    def matview(self, name: str) -> float:
        """Return the milliseconds of REFRESH MATERIALIZED VIEW of the same query, the better of two."""
        self.client.execute(f"DROP MATERIALIZED VIEW IF EXISTS bench_{name}")
        self.client.execute(f"CREATE MATERIALIZED VIEW bench_{name} AS {self.queries[name]}")
        try:
            return min(timed(lambda: self.client.execute(f"REFRESH MATERIALIZED VIEW bench_{name}")) for _ in range(2))
        finally:
            self.client.execute(f"DROP MATERIALIZED VIEW bench_{name}")


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that some work takes."""
    started = clock.monotonic()
    work()
    return (clock.monotonic() - started) * 1000


def refreshes(bench: Bench, workload: Workload) -> None:
    """Incremental refreshes of growing deltas, against REFRESH MATERIALIZED VIEW in the same run."""
    full = bench.matview(_LTV)
    one = []
    for _ in range(10):
        workload.bulk_orders(1)
        one.append((bench.refresh(_ORDERS), bench.refresh(_LTV)))
    worst = max(statistics.median(column) for column in zip(*one, strict=True))
    bench.report("one changed order, median of 10, slower of two tables", f"{worst:.1f} ms", "≤ 15 ms", worst <= 15)
    for orders, target in ((10_000, 15.0), (100_000, 2.0)):
        workload.bulk_orders(orders)
        daily, ltv = bench.refresh(_ORDERS), bench.refresh(_LTV)
        ratio = full / ltv
        bench.report(
            f"CUSTOMER_LTV, {orders:,} new orders, against REFRESH MATERIALIZED VIEW ({full:,.0f} ms)",
            f"{ratio:.1f} × faster ({ltv:,.0f} ms)",
            f"≥ {target:g} ×",
            ratio >= target,
        )
        rate = orders / daily * 1000
        if orders == 100_000:
            bench.report(
                "ORDER_ANALYTICS, 100,000 new orders",
                f"{rate:,.0f} rows/s ({daily:.0f} ms)",
                "≥ 100,000/s",
                rate >= 1e5,
            )


def ticks(bench: Bench) -> None:
    """A tick that finds nothing, for all incremental tables together, on a connection as the scheduler's."""
    with connect_unattended(bench.client.url, application_name="dyntables bench") as connection:
        tables = store.load_all(connection)
        names = ", ".join(t.qualified for t in tables.values() if t.incremental)
        bench.client.execute(f"ALTER DYNAMIC TABLE {names} REFRESH")
        times = []
        for _ in range(50):
            tables = store.load_all(connection)
            ids = [i for i, t in tables.items() if t.incremental]
            times.append(timed(lambda t=tables, i=ids: skip_unchanged(connection, t, i)))  # type: ignore[misc]
        assert skip_unchanged(connection, store.load_all(connection), ids) == set(ids)
    middle = statistics.median(times)
    bench.report(
        f"a tick that finds nothing, {len(ids)} tables, median of 50", f"{middle:.2f} ms", "≤ 3 ms", middle <= 3
    )


def capture(bench: Bench) -> None:
    """What capture costs a writer: the same inserts with and without its triggers, in turn."""
    with psycopg.connect(bench.client.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bench_new (LIKE tpch.orders)")
        connection.execute("TRUNCATE bench_new")
        connection.execute("CREATE INDEX IF NOT EXISTS bench_new_key ON bench_new (o_orderkey)")
        connection.execute(
            "INSERT INTO bench_new SELECT o_orderkey + 1000000000, o_custkey, o_orderstatus, o_totalprice, "
            "o_orderdate, o_orderpriority, o_clerk, o_shippriority, o_comment FROM tpch.orders LIMIT 100000"
        )
        keys = [key for (key,) in connection.execute("SELECT o_orderkey FROM bench_new LIMIT 1000")]
        bulk: dict[str, list[float]] = {"DISABLE": [], "ENABLE ALWAYS": []}
        single: dict[str, list[float]] = {"DISABLE": [], "ENABLE ALWAYS": []}
        for _ in range(4):
            for state in bulk:
                for event in ("ins", "upd", "del"):
                    connection.execute(f"ALTER TABLE tpch.orders {state} TRIGGER dyntables_capture_{event}")
                connection.execute("CHECKPOINT")
                bulk[state].append(timed(lambda: connection.execute("INSERT INTO tpch.orders SELECT * FROM bench_new")))
                connection.execute("DELETE FROM tpch.orders WHERE o_orderkey > 1000000000")
                single[state].append(timed(lambda: _single_inserts(connection, keys)))
                connection.execute("DELETE FROM tpch.orders WHERE o_orderkey > 1000000000")
                connection.execute("VACUUM tpch.orders")
        connection.execute("DROP TABLE bench_new")
    for label, times, target in (
        ("INSERT of 100,000 orders", bulk, 1.6),
        ("committed single-row INSERT", single, 1.15),
    ):
        ratio = min(times["ENABLE ALWAYS"]) / min(times["DISABLE"])
        bench.report(f"capture: {label}, with against without", f"{ratio:.2f} ×", f"≤ {target} ×", ratio <= target)


def _single_inserts(connection: psycopg.Connection, keys: list[int]) -> None:
    for key in keys:
        connection.execute("INSERT INTO tpch.orders SELECT * FROM bench_new WHERE o_orderkey = %s", (key,))


def main() -> int:
    """Run everything on a fresh embedded server; return 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--data-dir", type=Path, help="keep the server's data here; loaded only if it is empty")
    options = parser.parse_args()
    with home_of(options.data_dir) as home, dyntables.connect(data_dir=home) as client:
        version = client.execute("SHOW server_version").rows[0][0]
        if client.execute("SELECT to_regclass('tpch.orders') IS NULL").rows[0][0]:
            report = load(client.url, scale=options.scale)
            for step, seconds in report.seconds.items():
                print(f"load, {step}: {seconds:.1f} s")
            total = sum(report.seconds.values())
        else:
            total = None
        client.execute("CREATE SCHEMA IF NOT EXISTS analytics")
        for pipeline in pipelines():
            client.execute(pipeline.sql)
        print(
            f"\ndyntables {dyntables.__version__}, PostgreSQL {version}, TPC-H SF {options.scale:g}, "
            f"{psutil.cpu_count()} processors\n\n| what | measured | target | met |\n|---|---|---|---|"
        )
        bench = Bench(client)
        if total is not None:
            bench.report(
                "load of TPC-H with keys, indexes, statistics", f"{total:.1f} s", "≤ 45 s at SF 1", total <= 45
            )
        refreshes(bench, Workload(client.url, rate=1, seed=1))
        ticks(bench)
        capture(bench)
        resident = psutil.Process().memory_info().rss / 2**20
        bench.report("memory of the Python process", f"{resident:.0f} MiB", "≤ 250 MiB", resident <= 250)
        for name in (_ORDERS, _LTV, "nation_ltv", "weekly_trends"):
            equal = client.execute(f"ALTER DYNAMIC TABLE analytics.{name} VERIFY").rows[0][1]
            assert equal, f"{name} differs from its definition"
    return 0 if all(met for *_, met in bench.lines) else 1


if __name__ == "__main__":
    sys.exit(main())
