"""Full refresh against REFRESH MATERIALIZED VIEW, plain and CONCURRENTLY, of the same two queries on TPC-H.

    python -m benchmarks.full_refresh --scale 1

The dynamic table is refreshed until each way to compute it was tried; then all three are measured in turn, 100 orders
being added before each round. Besides the elapsed time, the processor time of the whole server is shown: on a machine
that others use as well it says more.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

import dyntables
from benchmarks.home import tpch
from dyntables import clock
from dyntables.demo.pipelines import pipelines
from dyntables.demo.tpch.workload import Workload

_TABLES = {"monthly_sales_summary": "nation, month", "product_performance_full": "product_key"}
_MOST_TRIALS = 10
_TARGET = 0.8

Times = tuple[float, float]


def main() -> int:
    """Print a row for each table and a list of its ways; return 1 if a ratio misses the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data-dir", type=Path, help="keep the server's data here; loaded only if it is empty")
    options = parser.parse_args()
    missed = 0
    with tpch(options.data_dir, options.scale) as client:
        client.execute("CREATE SCHEMA IF NOT EXISTS analytics")
        server = psutil.Process(client.execute("SELECT pg_backend_pid()").rows[0][0]).parent()
        assert server is not None
        print(
            "| table | plain s (cpu) | CONCURRENTLY s (cpu) | dyntables s (cpu) | ratio | ratio of cpu | form | way |"
        )
        print("|---|---|---|---|---|---|---|---|", flush=True)
        for name, key in _TABLES.items():
            missed += _compare(client, server, name, key, options.rounds) > _TARGET
    return 1 if missed else 0


def _compare(client: dyntables.Client, server: psutil.Process, name: str, key: str, rounds: int) -> float:
    pipeline = next(p for p in pipelines() if p.name.endswith(name))
    client.execute("DROP MATERIALIZED VIEW IF EXISTS bench_mv")
    client.execute(f"CREATE MATERIALIZED VIEW bench_mv AS {pipeline.query}")
    client.execute(f"CREATE UNIQUE INDEX ON bench_mv ({key})")
    client.execute(pipeline.sql)
    refresh = f"ALTER DYNAMIC TABLE analytics.{name} REFRESH"
    workload = Workload(client.url, rate=1, seed=1)
    for _ in range(_MOST_TRIALS):
        client.execute(refresh)  # each way to compute it, then both forms to replace the contents
    ways: dict[str, list[Times]] = {"plain": [], "concurrently": [], "dyntables": []}
    statements = {
        "plain": "REFRESH MATERIALIZED VIEW bench_mv",
        "concurrently": "REFRESH MATERIALIZED VIEW CONCURRENTLY bench_mv",
        "dyntables": refresh,
    }
    for _ in range(rounds):
        workload.bulk_orders(100)
        for way, statement in statements.items():
            client.execute("CHECKPOINT")
            ways[way].append(_timed(server, lambda s=statement: client.execute(s)))  # type: ignore[misc]
    middle = {way: tuple(statistics.median(t) for t in zip(*times, strict=True)) for way, times in ways.items()}
    elapsed, processor = (middle["dyntables"][i] / middle["plain"][i] for i in (0, 1))
    form, tactics = client.execute(
        "SELECT (SELECT full_form FROM dyntables.refresh_history h WHERE h.name = t.table_name "
        "ORDER BY refresh_id DESC LIMIT 1), costs -> 'tactics' FROM dyntables.dynamic_table t "
        f"WHERE table_name = '{name}'"
    ).rows[0]
    best = min(tactics, key=lambda t: tactics[t][0])
    shown = " | ".join(f"{s:.1f} ({cpu:.1f})" for s, cpu in middle.values())
    print(f"| {name} | {shown} | {elapsed:.2f} | {processor:.2f} | {form} | {best} |", flush=True)
    print("ways, computing alone: " + ", ".join(f"{t} {s:.1f} s" for t, (s, _) in tactics.items()), file=sys.stderr)
    assert client.execute(f"ALTER DYNAMIC TABLE analytics.{name} VERIFY").rows[0][1], f"{name} differs"
    client.execute("DROP MATERIALIZED VIEW bench_mv")
    return elapsed


def _timed(server: psutil.Process, work: Callable[[], object]) -> Times:
    """Return the elapsed seconds of some work, and those of all the server's processes together."""
    before, started = _processor(server), clock.monotonic()
    work()
    return clock.monotonic() - started, _processor(server) - before


def _processor(server: psutil.Process) -> float:
    """Return the processor time of the server: of what has ended, and of what lives."""
    times = server.cpu_times()
    total = float(times.children_user + times.children_system)
    for child in server.children():
        try:
            own = child.cpu_times()
        except psutil.Error:  # it has just ended
            continue
        total += own.user + own.system
    return total


if __name__ == "__main__":
    sys.exit(main())
