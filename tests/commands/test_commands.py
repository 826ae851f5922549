"""Statements against a real server: what they do, and that bad input gets a clear error and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

import dyntables
from dyntables.errors import (
    CatalogError,
    ConnectionFailedError,
    CycleError,
    DependentObjectsError,
    DyntablesError,
    EngineError,
    InvalidOptionError,
    InvalidQueryError,
    UnsupportedQueryError,
)

LAG = "TARGET_LAG = '1 minute'"


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id integer PRIMARY KEY, k text, v integer)")
        client.execute("INSERT INTO s SELECT i, 'k' || i % 3, i FROM generate_series(1, 9) i")
        yield client


def objects(dt: dyntables.Client) -> list[tuple[str, ...]]:
    return dt.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN "
        "('public', 'dyntables_data', 'dyntables_log') AND c.relkind IN ('r', 'v', 'i') UNION ALL SELECT 'trigger', "
        "tgname FROM pg_trigger WHERE NOT tgisinternal UNION ALL SELECT 'dynamic', table_name "
        "FROM dyntables.dynamic_table UNION ALL SELECT 'source', relation_name FROM dyntables.source ORDER BY 1, 2"
    ).rows


def test_create_show_describe_drop_leave_nothing(dt: dyntables.Client) -> None:
    before = objects(dt)
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} COMMENT = 'c' AS SELECT k, sum(v) AS total FROM s GROUP BY k")
    shown = dt.execute("SHOW DYNAMIC TABLES LIKE 't'")
    row = dict(zip(shown.columns, shown.rows[0], strict=True))
    assert (row["name"], row["refresh_mode"], row["comment"]) == ("t", "INCREMENTAL", "c")
    assert dt.execute("DESCRIBE DYNAMIC TABLE t").rows == [("k", "text", None), ("total", "bigint", None)]
    assert dt.execute("SELECT * FROM t ORDER BY k").rows == [("k0", 18), ("k1", 12), ("k2", 15)]
    dt.execute("ALTER DYNAMIC TABLE t SET DATA_RETENTION_TIME_IN_DAYS = 0; DROP DYNAMIC TABLE t")
    assert objects(dt) == before


@pytest.mark.parametrize(
    ("query", "error", "place"),
    [
        ("SELECT nope FROM s", InvalidQueryError, "nope"),
        ("SELECT * FROM nowhere", InvalidQueryError, "nowhere"),
        ("SELECT id FROM s a, s b", InvalidQueryError, "id"),
        ("SELECT FROM FROM s", InvalidQueryError, "FROM s"),
        ("SELECT v / 0 AS broken FROM s", EngineError, None),
    ],
)
def test_a_create_that_fails_leaves_nothing(
    dt: dyntables.Client, query: str, error: type[DyntablesError], place: str | None
) -> None:
    before = objects(dt)
    statement = f"CREATE DYNAMIC TABLE t {LAG} AS {query}"
    with pytest.raises(error) as caught:
        dt.execute(statement)
    if place is not None:
        assert caught.value.span is not None
        assert statement[caught.value.span.start :].startswith(place)
    assert objects(dt) == before


def test_auto_falls_back_to_full_with_a_reason_and_incremental_refuses(dt: dyntables.Client) -> None:
    result = dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT * FROM s TABLESAMPLE SYSTEM (50)")
    assert any("TABLESAMPLE" in n for n in result.notices)
    assert dt.execute("SELECT refresh_mode FROM dyntables.dynamic_tables").rows == [("FULL",)]
    with pytest.raises(UnsupportedQueryError, match="TABLESAMPLE"):
        dt.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT k FROM s TABLESAMPLE SYSTEM (9)")
    with pytest.raises(UnsupportedQueryError, match='"random" is volatile'):
        dt.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT random() AS r FROM s")
    with pytest.raises(UnsupportedQueryError, match="current time"):
        dt.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT now() AS r FROM s")


def test_names_that_are_taken_are_refused(dt: dyntables.Client) -> None:
    with pytest.raises(CatalogError, match="is a table and not a dynamic table"):
        dt.execute(f"CREATE OR REPLACE DYNAMIC TABLE s {LAG} AS SELECT 1 AS one FROM s")
    assert dt.execute("SELECT count(*) FROM s").rows == [(9,)]
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id FROM s")
    with pytest.raises(CatalogError, match="exists already"):
        dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT v FROM s")
    assert dt.execute(f"CREATE DYNAMIC TABLE IF NOT EXISTS t {LAG} AS SELECT v FROM s").notices
    with pytest.raises(CatalogError, match="does not exist"):
        dt.execute("ALTER DYNAMIC TABLE nobody REFRESH")


def test_cycles_and_lags_are_refused(dt: dyntables.Client) -> None:
    dt.execute("CREATE DYNAMIC TABLE a TARGET_LAG = '5 minutes' AS SELECT id, v FROM s")
    with pytest.raises(InvalidOptionError, match="whose target lag is 300 seconds"):
        dt.execute("CREATE DYNAMIC TABLE b TARGET_LAG = '1 minute' AS SELECT id FROM a")
    dt.execute("CREATE DYNAMIC TABLE b TARGET_LAG = '10 minutes' AS SELECT id, v FROM a")
    with pytest.raises(CycleError) as caught:
        dt.execute("CREATE OR REPLACE DYNAMIC TABLE a TARGET_LAG = '10 minutes' AS SELECT id, v FROM b")
    assert caught.value.detail == "public.a → public.b → public.a"
    with pytest.raises(DependentObjectsError, match="others read it"):
        dt.execute("DROP DYNAMIC TABLE a")
    dt.execute("DROP DYNAMIC TABLE a CASCADE")
    assert dt.execute("SHOW DYNAMIC TABLES").rows == []


def test_replace_changes_columns_and_a_failing_replace_changes_nothing(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT k, sum(v) AS total FROM s GROUP BY k")
    dt.execute(f"CREATE DYNAMIC TABLE above {LAG} AS SELECT total, k FROM t")
    with pytest.raises(EngineError, match="division by zero"):
        dt.execute(f"CREATE OR REPLACE DYNAMIC TABLE t {LAG} AS SELECT k, sum(v / 0) AS total FROM s GROUP BY k")
    with pytest.raises(EngineError, match="division by zero"):
        dt.execute(f"CREATE OR REPLACE DYNAMIC TABLE t {LAG} AS SELECT v / 0 AS other FROM s")
    assert [c for c, *_ in dt.execute("DESCRIBE DYNAMIC TABLE t").rows] == ["k", "total"]
    dt.execute("INSERT INTO s VALUES (100, 'k0', 1)")
    assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1:2] == (True,)
    dt.execute(f"CREATE OR REPLACE DYNAMIC TABLE t {LAG} AS SELECT k, sum(v) AS total, count(*) AS n FROM s GROUP BY k")
    assert [c for c, *_ in dt.execute("DESCRIBE DYNAMIC TABLE t").rows] == ["k", "total", "n"]
    dt.execute("INSERT INTO s VALUES (101, 'k9', 1)")
    assert dt.execute("ALTER DYNAMIC TABLE above VERIFY").rows[0][1] is True
    dt.execute("DELETE FROM s WHERE k = 'k0'")
    verified = dt.execute("ALTER DYNAMIC TABLE above VERIFY").rows[0]
    assert (verified[1], verified[5]) == (True, "INCREMENTAL")


def test_a_failing_refresh_keeps_the_contents_and_its_siblings_commit(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE base {LAG} AS SELECT id, v FROM s")
    dt.execute(f"CREATE DYNAMIC TABLE fragile {LAG} AS SELECT id, 100 / v AS q FROM base")
    dt.execute(f"CREATE DYNAMIC TABLE above {LAG} AS SELECT count(*) AS n FROM fragile")
    dt.execute(f"CREATE DYNAMIC TABLE sibling {LAG} AS SELECT count(*) AS n FROM base")
    dt.execute("INSERT INTO s VALUES (50, 'x', 0)")
    rows = dt.execute("ALTER DYNAMIC TABLE above, sibling REFRESH").rows
    assert {r[0]: r[1] for r in rows} == {
        "public.base": "SUCCEEDED",
        "public.fragile": "FAILED",
        "public.above": "UPSTREAM_FAILED",
        "public.sibling": "SUCCEEDED",
    }
    assert dt.execute("SELECT n FROM above").rows == [(9,)]
    assert dt.execute("SELECT n FROM sibling").rows == [(10,)]
    dt.execute("UPDATE s SET v = 1 WHERE id = 50")
    for name in ("base", "fragile", "above", "sibling"):
        row = dt.execute(f"ALTER DYNAMIC TABLE {name} VERIFY").rows[0]
        assert row[1] is True, row
        assert row[5] in ("INCREMENTAL", "NO_DATA")


def test_alter_options_rename_suspend(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id FROM s")
    dt.execute(f"CREATE DYNAMIC TABLE u {LAG} AS SELECT id FROM t")
    result = dt.execute("ALTER DYNAMIC TABLE t SET TARGET_LAG = '30 seconds' COMMENT = 'x' WAREHOUSE = w")
    assert any("WAREHOUSE" in n for n in result.notices)
    with pytest.raises(InvalidOptionError, match="cannot be above"):
        dt.execute("ALTER DYNAMIC TABLE t SET TARGET_LAG = '2 hours'")
    dt.execute("ALTER DYNAMIC TABLE t SUSPEND")
    states = "SELECT name, scheduling_state, suspend_reason_code FROM dyntables.dynamic_tables ORDER BY name"
    assert dt.execute(states).rows == [
        ("t", "SUSPENDED", "USER_SUSPENDED"),
        ("u", "SUSPENDED", "UPSTREAM_USER_SUSPENDED"),
    ]
    dt.execute("ALTER DYNAMIC TABLE t RESUME")
    assert [r[1] for r in dt.execute(states).rows] == ["RUNNING", "RUNNING"]
    dt.execute("ALTER DYNAMIC TABLE u RENAME TO v")
    assert dt.execute("ALTER DYNAMIC TABLE v VERIFY").rows[0][1] is True


def test_initialize_on_schedule_is_not_readable_before_its_first_refresh(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} INITIALIZE = ON_SCHEDULE AS SELECT id FROM s")
    with pytest.raises(EngineError, match="not initialized"):
        dt.execute("SELECT * FROM t")
    dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert dt.execute("SELECT count(*) FROM t").rows == [(9,)]


def test_explain(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT k, max(v) AS m FROM s GROUP BY k")
    plan = "\n".join(r[0] for r in dt.execute("EXPLAIN VERBOSE DYNAMIC TABLE t").rows)
    assert "table public.s (k, v)" in plan
    assert "groups that cannot be merged" in plan
    full = dt.execute(f"EXPLAIN CREATE DYNAMIC TABLE u {LAG} AS SELECT * FROM s TABLESAMPLE SYSTEM (50)").rows
    assert full[0] == ("Dynamic table public.u: refresh mode FULL",)
    dt.execute("INSERT INTO s VALUES (99, 'k1', 3)")
    assert dt.execute("EXPLAIN CHANGES t").rows == [
        ("public.t", "TARGET", "INCREMENTAL", "sources changed", "1 changed rows of public.s", 1)
    ]


def test_a_wrong_url_is_a_clear_error() -> None:
    with pytest.raises(ConnectionFailedError, match="could not connect"):
        dyntables.connect("postgresql:///x?host=/nonexistent")


def test_altered_sources_reinitialize(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT k, sum(v) AS total FROM s GROUP BY k")
    dt.execute("ALTER TABLE s ADD COLUMN unused integer")
    dt.execute("INSERT INTO s VALUES (200, 'k1', 3, 4)")
    assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1:][0] is True
    assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][5] == "NO_DATA"
    dt.execute("ALTER TABLE s ALTER COLUMN v TYPE bigint")
    dt.execute("INSERT INTO s VALUES (201, 'k1', 3, 4)")
    row = dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0]
    assert (row[1], row[5]) == (True, "REINITIALIZE")
    dt.execute("INSERT INTO s VALUES (202, 'k1', 3000000000, 4)")
    row = dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0]
    assert (row[1], row[5]) == (True, "INCREMENTAL")


def test_an_altered_source_never_stops_its_writers(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT k, sum(v) AS total FROM s GROUP BY k")
    dt.execute(f"CREATE DYNAMIC TABLE other {LAG} AS SELECT k, count(*) AS n FROM s GROUP BY k")
    dt.execute("ALTER TABLE s ALTER COLUMN v TYPE bigint")
    dt.execute("INSERT INTO s VALUES (202, 'k1', 3000000000)")
    assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1] is True
    dt.execute("ALTER TABLE s RENAME COLUMN v TO w")
    dt.execute("INSERT INTO s VALUES (203, 'k1', 3000000000)")
    row = dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0]
    assert (row[1], row[5]) == (True, "REINITIALIZE")
    row = dt.execute("ALTER DYNAMIC TABLE other VERIFY").rows[0]
    assert row[1] is True
    dt.execute("INSERT INTO s VALUES (204, 'k1', 1)")
    row = dt.execute("ALTER DYNAMIC TABLE other VERIFY").rows[0]
    assert (row[1], row[5]) == (True, "INCREMENTAL")
    dt.execute("ALTER TABLE s RENAME COLUMN w TO v")
    assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1] is True


def test_readers_of_a_swap_see_the_old_contents(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT count(*) AS n FROM s")
    with psycopg.connect(dt.url) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT n FROM t").fetchone() == (9,)
        dt.execute("DELETE FROM s WHERE id = 1; UPDATE dyntables.dynamic_table SET layout = 'of another program'")
        with pytest.raises(EngineError, match="readers hold it"):
            dt.execute("ALTER DYNAMIC TABLE t REFRESH")
        assert reader.execute("SELECT n FROM t").fetchone() == (9,)
    dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert dt.execute("SELECT n FROM t").rows == [(8,)]
