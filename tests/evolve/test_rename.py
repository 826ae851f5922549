"""RENAME TO keeps the contents of the table, and of those above, which follow it."""

from __future__ import annotations

import pytest

import dyntables
from dyntables.errors import CatalogError
from tests.evolve.support import LAG, rows
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)

INCREMENTAL = f"{LAG} REFRESH_MODE = INCREMENTAL"


def test_tables_above_follow(dt: dyntables.Client) -> None:
    dt.execute("CREATE SCHEMA other")
    dt.execute(f"CREATE DYNAMIC TABLE t {INCREMENTAL} AS SELECT k, sum(v) AS total FROM s GROUP BY k")
    dt.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT max(total) AS m FROM t")
    dt.execute(f"CREATE DYNAMIC TABLE both {INCREMENTAL} AS SELECT a.k, b.m FROM t a JOIN above b ON a.total = b.m")
    dt.execute(f"CREATE DYNAMIC TABLE full_above {LAG} REFRESH_MODE = FULL AS SELECT * FROM t")
    dt.execute("CREATE VIEW plain AS SELECT * FROM t")
    dt.execute(f"CREATE DYNAMIC TABLE on_view {INCREMENTAL} AS SELECT k FROM plain")
    dt.execute("INSERT INTO s VALUES (100, 'k9', 100)")
    for name in ("renamed", "other.t", "public.t"):
        old = dt.execute("SELECT schema_name || '.' || table_name FROM dyntables.dynamic_table WHERE id = 1").rows[0][0]
        dt.execute(f"ALTER DYNAMIC TABLE {old} RENAME TO {name}")
        before = rows(dt, name)
        dt.execute("INSERT INTO s SELECT max(id) + 1, 'k9', 100 FROM s")
        assert refreshed(dt, "both") == ("INCREMENTAL", "CHANGES")
        assert refreshed(dt, "above")[0] == "NO_DATA"
        assert refreshed(dt, "full_above") == ("FULL", "FULL_MODE")
        assert refreshed(dt, "on_view")[0] in ("INCREMENTAL", "NO_DATA", "REINITIALIZE")
        assert rows(dt, name) != before
    inputs = dt.execute("SELECT inputs FROM dyntables.graph WHERE name = 'above'").rows[0][0]
    assert [i["name"] for i in inputs] == ["public.t"]


def test_names_that_are_taken(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT k FROM s; CREATE DYNAMIC TABLE u {LAG} AS SELECT k FROM s")
    for name, message in (("u", "exists already"), ("s", "is a table and not"), ("nowhere.t", "does not exist")):
        with pytest.raises(CatalogError, match=message):
            dt.execute(f"ALTER DYNAMIC TABLE t RENAME TO {name}")
    assert refreshed(dt, "t") == ("NO_DATA", "NO_CHANGES")


def test_if_exists(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT k FROM s")
    for statement in (
        "SUSPEND",
        "RENAME TO u",
        "SWAP WITH t",
        "SET COMMENT = 'x'",
        "ALTER COLUMN k COMMENT 'x'",
        "REFRESH",
    ):
        result = dt.execute(f"ALTER DYNAMIC TABLE IF EXISTS nobody {statement}")
        assert result.notices == ['dynamic table "public.nobody" does not exist, skipped']
    with pytest.raises(CatalogError, match=r'"public\.nobody" does not exist'):
        dt.execute("ALTER DYNAMIC TABLE IF EXISTS t SWAP WITH nobody")
    done = dt.execute("ALTER DYNAMIC TABLE IF EXISTS t, nobody REFRESH")
    assert [r[0] for r in done.rows] == ["public.t"]


def test_a_name_that_the_server_would_cut_is_refused(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE {'x' * 63} {LAG} AS SELECT k FROM s")
    for statement in (
        f"CREATE DYNAMIC TABLE {'x' * 64} {LAG} AS SELECT k FROM s",
        f"ALTER DYNAMIC TABLE {'x' * 63} RENAME TO {'y' * 64}",
        f"CREATE DYNAMIC TABLE {'y' * 64} CLONE {'x' * 63}",
    ):
        with pytest.raises(CatalogError, match="longer than 63 bytes"):
            dt.execute(statement)
