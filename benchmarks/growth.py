"""The same delta over a base of growing size: the time of a refresh must follow the delta, not the base.

python -m benchmarks.growth --data-dir D    # D/0.1, D/1 and D/3 keep the servers' data
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import psutil

import dyntables
from benchmarks.home import tpch
from benchmarks.tpch_queries import QUERIES
from dyntables.demo.pipelines import pipelines
from dyntables.demo.tpch.workload import Workload

PIPELINES = ("order_analytics_incremental", "customer_ltv_incremental")
NAMES = (*PIPELINES, "q01", "q03", "q10", "q12", "q13", "q18")
_ORDERS = 1000


def definitions() -> dict[str, str]:
    """Return the measured definitions by name."""
    known = {p.name.split(".")[1]: p.query for p in pipelines()} | QUERIES
    return {name: known[name] for name in NAMES}


def measure(client: dyntables.Client, repeat: int) -> dict[str, float]:
    """Return the median milliseconds of a refresh after some new orders with their line items."""
    client.execute("CREATE SCHEMA IF NOT EXISTS bench")
    client.execute("SET search_path = tpch, public")
    for name, query in definitions().items():
        client.execute(
            f"CREATE OR REPLACE DYNAMIC TABLE bench.{name} TARGET_LAG = '1 day' REFRESH_MODE = INCREMENTAL AS {query}"
        )
    workload = Workload(client.url, rate=1, seed=1)
    times: dict[str, list[float]] = {name: [] for name in NAMES}
    for _ in range(repeat):
        workload.bulk_orders(_ORDERS)
        for name in NAMES:
            result = client.execute(f"ALTER DYNAMIC TABLE bench.{name} REFRESH")
            row = dict(zip(result.columns, result.rows[0], strict=True))
            assert row["action"] == "INCREMENTAL", row
            times[name].append(float(row["duration_ms"]))
    for name in NAMES:
        assert client.execute(f"ALTER DYNAMIC TABLE bench.{name} VERIFY").rows[0][1], name
        client.execute(f"DROP DYNAMIC TABLE bench.{name}")
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> int:
    """Print a row for each definition; return 1 if any grows more than the target allows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path(tempfile.gettempdir()) / "dyntables-growth")
    parser.add_argument("--scales", type=float, nargs="*", default=[0.1, 1, 3])
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    found = {}
    for scale in options.scales:
        with tpch(options.data_dir / f"{scale:g}", scale) as client:
            found[scale] = measure(client, options.repeat)
    print(
        f"dyntables {dyntables.__version__}, {psutil.cpu_count()} processors, {_ORDERS:,} new orders with line items\n"
    )
    print("| definition |" + "".join(f" SF {s:g}, ms |" for s in found) + " growth |")
    print("|---" * (len(found) + 2) + "|")
    growth = []
    for name in NAMES:
        row = [times[name] for times in found.values()]
        growth.append(row[-1] / row[0])
        print(f"| {name} |" + "".join(f" {ms:,.1f} |" for ms in row) + f" {growth[-1]:.2f} × |")
    print(f"\nmedian growth {statistics.median(growth):.2f} ×, largest {max(growth):.2f} × (target ≤ 1.5 ×)")
    return 0 if max(growth) <= 1.5 else 1


if __name__ == "__main__":
    sys.exit(main())
