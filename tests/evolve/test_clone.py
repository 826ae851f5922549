"""A clone is a suspended copy that goes its own way."""

from __future__ import annotations

import pytest

import dyntables
from dyntables.errors import CatalogError, CycleError, InvalidOptionError, StatementSyntaxError
from tests.evolve.support import LAG, rows, sources
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)

INCREMENTAL = f"{LAG} REFRESH_MODE = INCREMENTAL"
SUMS = f"CREATE DYNAMIC TABLE t {INCREMENTAL} COMMENT = 'sums' AS SELECT k, sum(v) AS total FROM s GROUP BY k"


def test_a_clone_starts_suspended_with_the_contents_of_its_source(dt: dyntables.Client) -> None:
    dt.execute(SUMS)
    before = rows(dt, "t")
    dt.execute("INSERT INTO s VALUES (100, 'k9', 1)")
    result = dt.execute("CREATE DYNAMIC TABLE c CLONE t TARGET_LAG = '2 hours' DATA_RETENTION_TIME_IN_DAYS = 5")
    assert result.rows == [("dynamic table public.c created as a clone of public.t",)]
    assert rows(dt, "c") == before
    state = dt.execute(
        "SELECT c.scheduling_state, c.suspend_reason_code, c.data_timestamp = t.data_timestamp, c.target_lag_sec, "
        "c.comment, c.text = t.text FROM dyntables.dynamic_tables c, dyntables.dynamic_tables t "
        "WHERE c.name = 'c' AND t.name = 't'"
    )
    assert state.rows == [("SUSPENDED", "CLONED_AUTO_SUSPENDED", True, 7200, "sums", True)]
    assert refreshed(dt, "c") == ("REINITIALIZE", "CLONED")
    dt.execute("ALTER DYNAMIC TABLE c RESUME; INSERT INTO s VALUES (101, 'k9', 1)")
    for name in ("c", "t"):
        assert refreshed(dt, name) == ("INCREMENTAL", "CHANGES")
    dt.execute("DROP DYNAMIC TABLE t; INSERT INTO s VALUES (102, 'k9', 1)")
    assert refreshed(dt, "c") == ("INCREMENTAL", "CHANGES")
    dt.execute("DROP DYNAMIC TABLE c")
    assert sources(dt) == []


def test_tables_above_a_clone(dt: dyntables.Client) -> None:
    dt.execute(f"{SUMS}; CREATE DYNAMIC TABLE c CLONE t")
    dt.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT max(total) AS m FROM c")
    dt.execute("INSERT INTO s VALUES (100, 'k9', 1000)")
    assert refreshed(dt, "above") == ("INCREMENTAL", "CHANGES")
    dt.execute(f"CREATE DYNAMIC TABLE twice {INCREMENTAL} AS SELECT m * 2 AS m FROM above; DROP DYNAMIC TABLE twice")
    dt.execute("CREATE DYNAMIC TABLE above_too CLONE above; INSERT INTO s VALUES (101, 'k9', 1000)")
    assert refreshed(dt, "above_too") == ("REINITIALIZE", "CLONED")


def test_a_full_table(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE f {LAG} REFRESH_MODE = FULL CLUSTER BY (k) AS SELECT k, v FROM s")
    dt.execute("CREATE DYNAMIC TABLE c CLONE f; INSERT INTO s VALUES (100, 'k9', 1)")
    assert refreshed(dt, "c") == ("FULL", "FULL_MODE")
    dt.execute("INSERT INTO s VALUES (101, 'k9', 1)")
    assert refreshed(dt, "c") == ("FULL", "FULL_MODE")


def test_or_replace_keeps_readers_right(dt: dyntables.Client) -> None:
    dt.execute(SUMS)
    dt.execute(f"CREATE DYNAMIC TABLE old {INCREMENTAL} AS SELECT k, total + 1 AS total FROM t")
    dt.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT sum(total) AS s FROM old")
    dt.execute("INSERT INTO s VALUES (100, 'k9', 1)")
    dt.execute("CREATE OR REPLACE DYNAMIC TABLE old CLONE t")
    assert rows(dt, "old") == rows(dt, "t")
    assert refreshed(dt, "above")[0] == "REINITIALIZE"
    dt.execute("INSERT INTO s VALUES (101, 'k9', 1)")
    assert refreshed(dt, "above") == ("INCREMENTAL", "CHANGES")
    left = dt.execute("SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+_g' AND relkind = 'r'").rows
    assert left == dt.execute("SELECT count(*) FROM dyntables.dynamic_table").rows


def test_what_cannot_be_cloned(dt: dyntables.Client) -> None:
    dt.execute(SUMS)
    dt.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT total FROM t")
    dt.execute(f"CREATE DYNAMIC TABLE empty {LAG} INITIALIZE = ON_SCHEDULE AS SELECT v FROM s")
    dt.execute("CREATE TABLE taken ()")
    for statement, error, message in (
        ("CREATE DYNAMIC TABLE above CLONE t", CatalogError, "exists already"),
        ("CREATE OR REPLACE DYNAMIC TABLE t CLONE t", CatalogError, "exists already"),
        ("CREATE OR REPLACE DYNAMIC TABLE t CLONE above", CycleError, "depend on itself"),
        ("CREATE DYNAMIC TABLE taken CLONE t", CatalogError, "is a table and not"),
        ("CREATE DYNAMIC TABLE c CLONE s", CatalogError, "is not a dynamic table"),
        ("CREATE DYNAMIC TABLE c CLONE empty", CatalogError, "never filled"),
        ("CREATE DYNAMIC TABLE c CLONE above TARGET_LAG = '1 minute'", InvalidOptionError, "target lag"),
        ("CREATE DYNAMIC TABLE c CLONE t REFRESH_MODE = FULL", StatementSyntaxError, "cannot be given with CLONE"),
        ("CREATE DYNAMIC TABLE c CLONE t AT (OFFSET => -60)", StatementSyntaxError, "not supported"),
    ):
        with pytest.raises(error, match=message):
            dt.execute(statement)
    assert dt.execute("CREATE DYNAMIC TABLE IF NOT EXISTS above CLONE t").notices
    assert [r[1] for r in dt.execute("SHOW DYNAMIC TABLES").rows] == ["above", "empty", "t"]
