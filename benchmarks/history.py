"""A year of refresh history in minutes: rows come day by day, and what is older than 30 days is pruned.

python -m benchmarks.history --rows 20000        # rows a day; ten tables at 1 second under writes make 1.2 million
"""

from __future__ import annotations

import argparse
import sys
import time

import psycopg

import dyntables
from benchmarks.home import home_of
from dyntables.refresh.logs.prune import prune_history

_DAY = """
INSERT INTO dyntables.refresh (dynamic_table_id, run, trigger, state, action, reason, started_at, ended_at,
    data_timestamp, duration_ms, rows_inserted, rows_deleted, source_changes, statements, target_lag_seconds)
SELECT t.id, gen_random_uuid(), 'SCHEDULED', 'SUCCEEDED', 'INCREMENTAL', 'CHANGES', e.at, e.at, e.at, 12.5, 3, 2,
    '{"public.s": 5}', (SELECT jsonb_agg(jsonb_build_object('stage', 1, 'purpose', 'INSERT', 'label', 'rows ' || n,
    'rows', n, 'ms', 1.25)) FROM generate_series(1, 6) n), 1
FROM generate_series(1, %(rows)s) i, dyntables.dynamic_table t,
    LATERAL (SELECT now() - (365 - %(day)s - i / %(rows)s::float8) * interval '1 day' AS at) e
"""
_KEPT = "UPDATE dyntables.setting SET value = (30 + 365 - %s) || ' days' WHERE name = 'history_retention'"


def main() -> int:
    """Simulate the year; return 1 if the history outgrew the pruning."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000, help="a day")
    options = parser.parse_args()
    with (
        home_of(None) as home,
        dyntables.connect(data_dir=home) as client,
        psycopg.connect(client.url, autocommit=True) as connection,
    ):
        client.execute("CREATE TABLE s (id integer)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 second' AS SELECT count(*) AS n FROM s")
        sizes, seconds, pruned = [], 0.0, 0
        for day in range(1, 366):
            connection.execute(_DAY, {"rows": options.rows, "day": day - 1})
            connection.execute(_KEPT, (day,))
            began = time.monotonic()
            pruned += prune_history(connection)
            seconds += time.monotonic() - began
            connection.execute("VACUUM dyntables.refresh")  # as autovacuum does it
            sizes.append(_size(connection))
        (left,) = connection.execute("SELECT count(*) FROM dyntables.refresh").fetchone() or (0,)
    rate, after = pruned / seconds, (sizes[39] / 1e6, sizes[-1] / 1e6)
    print("| rows a day | pruned | rows left | pruned a second | size after 40 days | after a year |")
    print("|---|---|---|---|---|---|")
    print(f"| {options.rows:,} | {pruned:,} | {left:,} | {rate:,.0f} | {after[0]:.0f} MB | {after[1]:.0f} MB |")
    return 0 if left <= 31 * options.rows and sizes[-1] <= 1.3 * sizes[39] else 1


def _size(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT pg_total_relation_size('dyntables.refresh')").fetchone()
    assert row is not None
    return int(row[0])


if __name__ == "__main__":
    sys.exit(main())
