"""Rules of quality: what twelve rules of rows cost a refresh, a first evaluation, and a CHECK of what is known.

    python -m benchmarks.quality --scale 1

Two dynamic tables have the rows of LINEITEM, one of them is watched. Both are refreshed after each change, in turn, so
that the ratio is of one run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

import dyntables
from benchmarks.home import tpch
from dyntables import clock

QUERY = (
    "SELECT l_orderkey, l_linenumber, l_partkey, l_suppkey, l_quantity, l_extendedprice, l_discount, l_tax, "
    "l_returnflag, l_linestatus, l_shipdate, l_commitdate, l_receiptdate, l_shipmode FROM tpch.lineitem"
)
RULES = (
    "not_null(l_orderkey)",
    "not_null(l_partkey)",
    "range(l_quantity, 1, 50)",
    "range(l_discount, 0, 0.1)",
    "range(l_tax, 0, 0.08)",
    "expression(l_extendedprice > 0)",
    "accepted_values(l_returnflag, 'A', 'N', 'R')",
    "accepted_values(l_linestatus, 'O', 'F')",
    "compare(l_shipdate, '<=', l_receiptdate)",
    "conditional(l_linestatus = 'F', l_returnflag <> 'N')",
    "regex(l_shipmode, '^[A-Z ]+$')",
    "range(l_linenumber, 1, 7)",
)
_CHANGED = 10_000


def main() -> int:
    """Print a row for each target; return 1 if one is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data-dir", type=Path, help="keep the server's data here; loaded only if it is empty")
    options = parser.parse_args()
    with tpch(options.data_dir, options.scale) as client:
        for name in ("plain", "watched"):
            client.execute(
                f"CREATE OR REPLACE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {QUERY}"
            )
        for number, rule in enumerate(RULES):
            client.execute(f"CREATE OR REPLACE QUALITY RULE r{number} ON watched CHECK {rule}")
        print("| what | measured | target | met |\n|---|---|---|---|", flush=True)
        missed = _first(client) + _changes(client, options.rounds) + _known(client, options.rounds)
    return 1 if missed else 0


def _first(client: dyntables.Client) -> int:
    [(rows,)] = client.execute("SELECT count(*) FROM watched").rows
    seconds = _timed(client, "CHECK QUALITY OF watched") / 1000
    return _report(f"first evaluation of {rows:,} rows, rows/s", rows / seconds, "≥", 1_000_000)


def _changes(client: dyntables.Client, rounds: int) -> int:
    """Change some rows, and refresh both tables; each is first in every other round."""
    spent: dict[str, list[float]] = {"plain": [], "watched": []}
    rules = list[float]()
    for number in range(rounds + 1):
        client.execute(
            f"UPDATE tpch.lineitem SET l_quantity = 51 - l_quantity WHERE ctid IN (SELECT ctid FROM tpch.lineitem "
            f"TABLESAMPLE SYSTEM (20) REPEATABLE ({number}) LIMIT {_CHANGED})"
        )
        for name in sorted(spent, reverse=bool(number % 2)):
            [done] = client.execute(f"ALTER DYNAMIC TABLE {name} REFRESH").refreshes
            assert done.action == "INCREMENTAL", done
            if number:  # the first one plans
                spent[name].append(done.duration_ms)
        [(cost,)] = client.execute(
            "SELECT max(duration_ms) FROM dyntables.quality_results WHERE data_timestamp = "
            "(SELECT data_timestamp FROM dyntables.dynamic_tables WHERE name = 'watched')"
        ).rows
        rules.append(float(cost))
    middle = {name: statistics.median(times) for name, times in spent.items()}
    cost = statistics.median(rules[1:])
    missed = _report(f"12 rules over {_CHANGED:,} changed rows, ms", cost, "≤", 50)
    missed += _report("the same, rows/s", _CHANGED / cost * 1000, "≥", 200_000)
    return missed + _report("a watched refresh, × of an unwatched one", middle["watched"] / middle["plain"], "≤", 1.3)


def _known(client: dyntables.Client, rounds: int) -> int:
    times = [_timed(client, "CHECK QUALITY OF watched") for _ in range(rounds)]
    return _report("CHECK of what is known, ms", statistics.median(times), "≤", 20)


def _timed(client: dyntables.Client, statement: str) -> float:
    """Return the milliseconds of a statement."""
    started = clock.monotonic()
    client.execute(statement)
    return (clock.monotonic() - started) * 1000


def _report(what: str, measured: float, relation: str, target: float) -> int:
    """Print a line; return 1 if the target is missed."""
    met = measured <= target if relation == "≤" else measured >= target
    shown = f"{measured:,.2f}" if measured < 100 else f"{measured:,.0f}"
    print(f"| {what} | {shown} | {relation} {target:,} | {'yes' if met else 'NO'} |", flush=True)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
