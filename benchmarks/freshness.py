"""Evidence from refresh_history: how each table's lag stood against its target over a period.

The lag just before a refresh ended is the time from the previous data timestamp to that end; a table held its target
if that never exceeded it. Run it after ``dyntables demo`` on the same database:

    python -m benchmarks.freshness --data-dir D --minutes 15
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import dyntables

_QUERY = """
SELECT schema_name || '.' || name, target_lag_sec, count(*),
       count(*) FILTER (WHERE refresh_action = 'INCREMENTAL'), count(*) FILTER (WHERE refresh_action = 'NO_DATA'),
       count(*) FILTER (WHERE refresh_action IN ('FULL', 'REINITIALIZE')),
       count(*) FILTER (WHERE state <> 'SUCCEEDED'),
       max(extract(epoch FROM refresh_end_time - previous_data_timestamp))::float8,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM refresh_end_time - previous_data_timestamp)),
       avg(duration_ms)::float8, sum(rows_inserted + rows_deleted)
FROM dyntables.refresh_history
WHERE refresh_start_time > (SELECT max(refresh_start_time) FROM dyntables.refresh_history) - %s * interval '1 minute'
  AND target_lag_sec IS NOT NULL
GROUP BY 1, 2 ORDER BY 1
"""


def main() -> int:
    """Print a row for each table; return 1 if any exceeded its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--minutes", type=float, default=15)
    options = parser.parse_args()
    missed = 0
    with dyntables.connect(options.database, options.data_dir) as client:
        rows = client.execute(_QUERY.replace("%s", str(options.minutes))).rows
        print(
            "| table | target s | refreshes | incremental | no data | full | failed | max lag s | p95 s | ms | rows |"
        )
        print("|---|---|---|---|---|---|---|---|---|---|---|")
        for name, target, total, changed, idle, full, failed, worst, p95, mean, moved in rows:
            missed += worst > target or failed > 0
            print(
                f"| {name} | {target} | {total} | {changed} | {idle} | {full} | {failed} | {worst:.1f} | {p95:.1f} | "
                f"{mean:.1f} | {moved:,} |"
            )
    print("every table held its target" if not missed else f"{missed} tables missed their target")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
