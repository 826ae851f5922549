"""CUSTOMER_LTV, the generated refresh against a delta written by hand for this one query.

    python -m benchmarks.yardstick --scale 1 --data-dir D

Both read the same change log, in a transaction each. The hand-written one is what an expert would write for the
definition in ``demo/pipelines``: it knows that orders alone have changed and that none was deleted.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

import dyntables
from benchmarks.home import tpch
from dyntables import clock
from dyntables.demo.pipelines import pipelines
from dyntables.demo.tpch.workload import Workload

_TARGETS = {10_000: "", 100_000: "≤ 1.5 ×"}
NAME = "analytics.customer_ltv_incremental"

CREATE = """
CREATE TABLE bench.ltv AS
SELECT c.c_custkey, c.c_name, c.c_mktsegment, n.n_name, count(o.o_orderkey) AS orders,
       count(o.o_totalprice) AS prices, coalesce(sum(o.o_totalprice), 0) AS value,
       coalesce(sum(o.o_totalprice) / nullif(count(o.o_totalprice), 0), 0) AS average,
       min(o.o_orderdate) AS first_order, max(o.o_orderdate) AS last_order, 'PROSPECT' AS segment
FROM tpch.customer c JOIN tpch.nation n ON n.n_nationkey = c.c_nationkey
LEFT JOIN tpch.orders o ON o.o_custkey = c.c_custkey
GROUP BY c.c_custkey, c.c_name, c.c_mktsegment, n.n_name
"""

SEGMENT = """
CASE WHEN {orders} = 0 THEN 'PROSPECT' WHEN {value} >= 4000000 THEN 'PLATINUM' WHEN {value} >= 2500000 THEN 'GOLD'
     WHEN {value} >= 1000000 THEN 'SILVER' ELSE 'BRONZE' END
"""

REFRESH = """
UPDATE bench.ltv t SET
    orders = t.orders + d.orders, prices = t.prices + d.prices, value = t.value + coalesce(d.value, 0),
    average = coalesce((t.value + coalesce(d.value, 0)) / nullif(t.prices + d.prices, 0), 0),
    first_order = least(t.first_order, d.first_order), last_order = greatest(t.last_order, d.last_order),
    segment = {segment}
FROM (
    SELECT o_custkey, sum(__dt_weight) AS orders, sum(__dt_weight) FILTER (WHERE o_totalprice IS NOT NULL) AS prices,
           sum(o_totalprice * __dt_weight) AS value, min(o_orderdate) AS first_order, max(o_orderdate) AS last_order
    FROM {log} WHERE __dt_xid >= pg_snapshot_xmin('{frontier}'::pg_snapshot)
    AND NOT pg_visible_in_snapshot(__dt_xid, '{frontier}'::pg_snapshot) GROUP BY o_custkey
) d WHERE t.c_custkey = d.o_custkey
"""


class Hand:
    """The same contents, kept by hand-written SQL."""

    def __init__(self, client: dyntables.Client) -> None:
        self.client = client
        client.execute("CREATE SCHEMA IF NOT EXISTS bench")
        client.execute("DROP TABLE IF EXISTS bench.ltv")
        client.execute(CREATE)
        client.execute(f"UPDATE bench.ltv SET segment = {SEGMENT.format(orders='orders', value='value')}")
        client.execute("ALTER TABLE bench.ltv ADD PRIMARY KEY (c_custkey)")
        client.execute("VACUUM (FULL, ANALYZE) bench.ltv")
        self.frontier = self._snapshot()
        oid = client.execute("SELECT 'tpch.orders'::regclass::oid").rows[0][0]
        self.log = f"dyntables_log.c{oid}"

    def refresh(self) -> float:
        """Apply what the log holds since the last time; return the milliseconds."""
        segment = SEGMENT.format(orders="t.orders + d.orders", value="t.value + coalesce(d.value, 0)")
        sql = REFRESH.format(segment=segment, log=self.log, frontier=self.frontier)
        upto = self._snapshot()
        started = clock.monotonic()
        self.client.execute(sql)
        self.frontier = upto
        return (clock.monotonic() - started) * 1000

    def equals(self) -> bool:
        """Compare with the dynamic table."""
        mine = "SELECT c_custkey, orders, value, first_order, last_order, segment FROM bench.ltv"
        table = f"SELECT customer_key, order_count, lifetime_value, first_order, last_order, segment FROM {NAME}"
        both = [
            self.client.execute(f"SELECT count(*) FROM ({a} EXCEPT ALL {b}) d")
            for a, b in ((mine, table), (table, mine))
        ]
        return all(result.rows == [(0,)] for result in both)

    def _snapshot(self) -> str:
        return str(self.client.execute("SELECT pg_current_snapshot()::text").rows[0][0])


@contextmanager
def prepared(client: dyntables.Client) -> Iterator[Hand]:
    """Create the dynamic table, without readers, and its hand-written twin."""
    client.execute("CREATE SCHEMA IF NOT EXISTS analytics")
    for pipeline in pipelines():
        client.execute(f"DROP DYNAMIC TABLE IF EXISTS {pipeline.name} CASCADE")
    client.execute(next(p.sql for p in pipelines() if p.name == NAME))
    yield Hand(client)
    client.execute(f"DROP DYNAMIC TABLE {NAME}")
    client.execute("DROP TABLE bench.ltv")


def main() -> int:
    """Print a row for each size of the delta; return 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--data-dir", type=Path, help="keep the server's data here; loaded only if it is empty")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    met = True
    with tpch(options.data_dir, options.scale) as client, prepared(client) as hand:
        workload = Workload(client.url, rate=1, seed=1)
        print(f"dyntables {dyntables.__version__}, SF {options.scale:g}, {psutil.cpu_count()} processors\n")
        print("| new orders | generated ms | by hand ms | ratio | target |\n|---|---|---|---|---|")
        for orders in _TARGETS:
            ours, theirs = [], []
            for _ in range(options.repeat):
                workload.bulk_orders(orders)
                theirs.append(hand.refresh())
                row = client.execute(f"ALTER DYNAMIC TABLE {NAME} REFRESH")
                found = dict(zip(row.columns, row.rows[0], strict=True))
                assert found["action"] == "INCREMENTAL", found
                ours.append(float(found["duration_ms"]))
            mine, other = statistics.median(ours), statistics.median(theirs)
            met &= orders < 100_000 or mine <= 1.5 * other
            print(f"| {orders:,} | {mine:,.0f} | {other:,.0f} | {mine / other:.2f} × | {_TARGETS[orders]} |")
        assert hand.equals()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
