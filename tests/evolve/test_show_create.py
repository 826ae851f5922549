"""SHOW CREATE gives the statement back: altering to it changes nothing, and it makes the same table elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

import dyntables
from tests.evolve.support import LAG, rows
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)

SUMS = "SELECT k, sum(v) AS total FROM s GROUP BY k"


def filled(dt: dyntables.Client) -> bool:
    return bool(dt.execute("SELECT data_timestamp IS NOT NULL FROM dyntables.dynamic_table").rows[0][0])


def said(dt: dyntables.Client) -> list[tuple[Any, ...]]:
    """Return what the catalog has of what a statement says."""
    return dt.execute(
        "SELECT canonical, initialize, refresh_mode, effective_mode, target_lag_seconds, scheduled, options, comment, "
        "(SELECT array_agg(column_name || coalesce(comment, '') ORDER BY position) "
        "FROM dyntables.dynamic_table_column) FROM dyntables.dynamic_table"
    ).rows


@pytest.mark.parametrize(
    "create",
    [
        f"t {LAG} AS {SUMS}",
        f"t (a COMMENT 'it''s', \"B b\") {LAG} REFRESH_MODE = INCREMENTAL COMMENT = 'ü \\ ''q''' AS {SUMS}",
        f"t TARGET_LAG = DOWNSTREAM WAREHOUSE = w WITH TAG (a = 'b') COPY GRANTS AS {SUMS}",
        f"t SCHEDULER = DISABLE REFRESH_MODE = FULL CLUSTER BY (k, total) AS {SUMS}",
        f"t SCHEDULE = '0 6 * * * UTC' SUSPEND_AFTER_FAILURES = 0 DATA_RETENTION_TIME_IN_DAYS = 9 AS {SUMS}",
        f"t {LAG} WORK_MEM = '64MB' STATEMENT_TIMEOUT = '2 minutes' MAX_PARALLEL_WORKERS = 0 AS {SUMS}",
        f"t {LAG} INITIALIZE = ON_SCHEDULE AS {SUMS} -- as it is",
        f"t {LAG} DIALECT = SNOWFLAKE AS SELECT k, IFF(sum(v) > 3, 1, 0) AS total FROM s GROUP BY k",
    ],
)
def test_there_and_back(dt: dyntables.Client, create: str) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE {create}")
    first, told = rows(dt, "t") if filled(dt) else [], said(dt)
    assert filled(dt) is ("ON_SCHEDULE" not in create)
    shown = dt.execute("SHOW CREATE DYNAMIC TABLE t").rows[0][0]
    assert create.split(" AS ")[-1].split(" --")[0] in shown
    changed = dt.execute(shown.replace("CREATE", "CREATE OR ALTER", 1))
    assert changed.rows == [], shown
    dt.execute(f"DROP DYNAMIC TABLE t; {shown}")
    assert said(dt) == told
    assert (rows(dt, "t") if filled(dt) else []) == first
    refreshed(dt, "t")
    assert rows(dt, "t") != []


def test_a_query_that_would_mean_something_else_is_shown_as_the_server_reads_it(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE SCHEMA other; CREATE TABLE other.s (LIKE s); CREATE DYNAMIC TABLE t {LAG} AS {SUMS}")
    dt.execute("ALTER TABLE s RENAME TO renamed; ALTER DYNAMIC TABLE t REFRESH; SET search_path = other, public")
    shown = dt.execute("SHOW CREATE DYNAMIC TABLE public.t").rows[0][0]
    assert 'FROM "public"."renamed"' in shown
    assert dt.execute(shown.replace("CREATE", "CREATE OR ALTER", 1)).rows[0][3] == "DATA KEPT"
    assert refreshed(dt, "public.t") == ("NO_DATA", "NO_CHANGES")
