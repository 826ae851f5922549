"""What a tick of alerts costs: 1,000 rules over 500 tables.

``python -m benchmarks.alerts`` prints the tick; it needs no server.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta

from dyntables.alerts.model import Rule
from dyntables.alerts.seen import Seen
from dyntables.alerts.watching import Watch

TABLES, RULES, ROUNDS = 500, 1000, 200
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def seen(number: int, age: float) -> Seen:
    return Seen(number, f"s.t{number}", NOW - timedelta(seconds=age), 60.0)


def main() -> None:
    kinds = ("freshness", "refresh_failed")
    rules = [Rule(i, f"r{i}", kinds[i % 2], selector=f"s.t{i // 2}") for i in range(RULES)]
    watch = Watch(rules, ())
    names = {i: f"s.t{i}" for i in range(TABLES)}
    began = time.perf_counter()
    watch.arrange(names, {}, NOW)
    print(f"arrange {RULES} rules over {TABLES} tables: {1000 * (time.perf_counter() - began):.1f} ms")
    tables = {i: seen(i, 1) for i in names}
    for what, changed in (("every table has changed", set(tables)), ("nothing has changed", set[int]())):
        taken = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            watch.look_at_tables(tables, changed, NOW)
            taken.append(1000 * (time.perf_counter() - began))
        p99 = statistics.quantiles(taken, n=100)[98]
        print(f"tick, {what}: median {statistics.median(taken):.2f} ms, p99 {p99:.2f} ms")


if __name__ == "__main__":
    main()
