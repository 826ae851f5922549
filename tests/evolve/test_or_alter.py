"""CREATE OR ALTER: what keeps data, what is computed anew, and that the tables above stay as they are."""

from __future__ import annotations

import json
import threading
from typing import Any

import psycopg
import pytest

import dyntables
from dyntables.commands.definition.columns import ColumnPlan, plan_columns
from dyntables.errors import (
    CycleError,
    DependentObjectsError,
    EngineError,
    InvalidOptionError,
    StatementSyntaxError,
    UnsupportedQueryError,
)
from tests.evolve.support import LAG, rows, sources
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)

INCREMENTAL = f"{LAG} REFRESH_MODE = INCREMENTAL"
SUMS = "SELECT k, sum(v) AS total FROM s GROUP BY k"


def alter(dt: dyntables.Client, query: str = SUMS, options: str = INCREMENTAL, name: str = "t") -> dict[str, str]:
    """Run CREATE OR ALTER; return the effect by change."""
    result = dt.execute(f"CREATE OR ALTER DYNAMIC TABLE {name} {options} AS {query}")
    return {row[0]: row[3] for row in result.rows}


def explained(dt: dyntables.Client, query: str, options: str = INCREMENTAL) -> list[tuple[Any, ...]]:
    """Return name, change and effect of what EXPLAIN says."""
    found = dt.execute(f"EXPLAIN CREATE OR ALTER DYNAMIC TABLE t {options} AS {query}").rows
    return [(r[0], r[2], r[5]) for r in found]


@pytest.fixture
def t(dt: dyntables.Client) -> dyntables.Client:
    created = dt.execute(f"CREATE OR ALTER DYNAMIC TABLE t {INCREMENTAL} AS {SUMS}")
    assert created.rows == [("dynamic table public.t created, refresh mode INCREMENTAL",)]
    return dt


KEPT, ANEW = "DATA KEPT", "REINITIALIZED AT THE NEXT REFRESH"


def test_the_same_statement_changes_nothing(t: dyntables.Client) -> None:
    row = t.execute("SELECT xmin::text, * FROM dyntables.dynamic_table").rows
    assert alter(t) == {}
    assert t.execute("SELECT xmin::text, * FROM dyntables.dynamic_table").rows == row


@pytest.mark.parametrize(
    ("options", "change"),
    [
        ("TARGET_LAG = '2 hours' REFRESH_MODE = INCREMENTAL", "TARGET_LAG"),
        ("TARGET_LAG = DOWNSTREAM REFRESH_MODE = INCREMENTAL", "TARGET_LAG"),
        (f"{INCREMENTAL} COMMENT = 'sums'", "COMMENT"),
        (f"{INCREMENTAL} WORK_MEM = '64MB'", "WORK_MEM"),
        (f"{INCREMENTAL} DATA_RETENTION_TIME_IN_DAYS = 3", "DATA_RETENTION_TIME_IN_DAYS"),
        (f"{INCREMENTAL} SCHEDULE = '0 6 * * * UTC'", "SCHEDULE"),
        (f"{INCREMENTAL} CLUSTER BY (k)", "CLUSTER BY"),
        (f"{INCREMENTAL} WAREHOUSE = w", "WAREHOUSE"),
        (f"{LAG} REFRESH_MODE = ADAPTIVE", "REFRESH_MODE"),
        (LAG, "REFRESH_MODE"),
    ],
)
def test_what_keeps_the_data(t: dyntables.Client, options: str, change: str) -> None:
    assert alter(t, options=options) == {change: KEPT}
    t.execute("INSERT INTO s VALUES (100, 'k9', 1)")
    assert refreshed(t, "t") == ("INCREMENTAL", "CHANGES")
    # What is not said goes back to its default.
    assert alter(t) == {change: KEPT}
    assert refreshed(t, "t") == ("NO_DATA", "NO_CHANGES")


def test_another_spelling_of_the_query_keeps_the_data(t: dyntables.Client) -> None:
    assert alter(t, "select s.k, sum(s.v) as total /* the same */ from public.s group by s.k") == {"query": KEPT}
    t.execute("INSERT INTO s VALUES (99, 'k9', 1)")
    assert refreshed(t, "t") == ("INCREMENTAL", "CHANGES")
    assert alter(t, "SELECT k, sum(v) AS total -- the same\nFROM public.s GROUP BY k") == {"query": KEPT}
    t.execute("INSERT INTO s VALUES (100, 'k9', 1)")
    assert refreshed(t, "t") == ("INCREMENTAL", "CHANGES")
    assert t.execute("SELECT text FROM dyntables.dynamic_tables").rows[0][0].startswith("SELECT k, sum(v) AS total -- ")


def test_another_query_is_computed_at_the_next_refresh(t: dyntables.Client) -> None:
    t.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT max(total) AS m FROM t")
    before = rows(t, "t")
    assert alter(t, "SELECT k, sum(v) AS total FROM s WHERE v > 2 GROUP BY k") == {"query": ANEW}
    assert rows(t, "t") == before
    assert refreshed(t, "above") == ("INCREMENTAL", "CHANGES")
    done = t.execute(
        "SELECT refresh_action, refresh_reason FROM dyntables.refresh_history WHERE name = 't' ORDER BY refresh_id"
    )
    assert done.rows[-1] == ("REINITIALIZE", "DEFINITION_ALTERED")
    t.execute("INSERT INTO s VALUES (100, 'k9', 100), (101, 'k9', 2)")
    for name in ("t", "above"):
        assert refreshed(t, name) == ("INCREMENTAL", "CHANGES")
    versions = t.execute("SELECT version, query LIKE '%v > 2%' FROM dyntables.definition_version ORDER BY 1, 2").rows
    assert versions[0] == (1, False)
    assert (2, True) in versions


def test_sources_come_and_go_with_the_query(t: dyntables.Client) -> None:
    t.execute("CREATE TABLE other (k text, v integer); INSERT INTO other VALUES ('x', 1)")
    assert alter(t, "SELECT k, sum(v) AS total FROM other GROUP BY k") == {"query": ANEW}
    assert sources(t) == ["other"]
    t.execute("INSERT INTO other VALUES ('x', 1)")
    assert refreshed(t, "t") == ("REINITIALIZE", "DEFINITION_ALTERED")
    assert rows(t, "t") == [("x", 2)]


def test_modes(t: dyntables.Client) -> None:
    t.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT max(total) AS m FROM t")
    assert alter(t, options=f"{LAG} REFRESH_MODE = FULL") == {"REFRESH_MODE": ANEW}
    t.execute("INSERT INTO s VALUES (100, 'k9', 100)")
    assert refreshed(t, "above") == ("INCREMENTAL", "CHANGES")
    assert refreshed(t, "t") == ("FULL", "FULL_MODE")
    assert alter(t, options=LAG) == {"REFRESH_MODE": ANEW}
    t.execute("INSERT INTO s VALUES (101, 'k9', 100)")
    assert refreshed(t, "above") == ("INCREMENTAL", "CHANGES")
    t.execute("INSERT INTO s VALUES (102, 'k9', 100)")
    assert refreshed(t, "t") == ("INCREMENTAL", "CHANGES")


def test_columns_are_added_at_the_end(t: dyntables.Client) -> None:
    t.execute("CREATE VIEW plain AS SELECT * FROM t")
    t.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT max(total) AS m FROM t")
    t.execute(f"CREATE DYNAMIC TABLE full_above {LAG} REFRESH_MODE = FULL AS SELECT * FROM t")
    oid = t.execute("SELECT 't'::regclass::oid").rows
    t.execute("INSERT INTO s VALUES (100, 'k9', 100)")
    added = "SELECT k, sum(v) AS total, count(*) AS n, max(v)::numeric(10,2) AS m FROM s GROUP BY k"
    assert alter(t, added) == {"query": ANEW, "column n": KEPT, "column m": KEPT}
    assert t.execute("SELECT k, n, m FROM t ORDER BY k").rows == [(f"k{i}", None, None) for i in range(3)]
    described = [r[:2] for r in t.execute("DESCRIBE DYNAMIC TABLE t").rows]
    assert described == [("k", "text"), ("total", "bigint"), ("n", "bigint"), ("m", "numeric(10,2)")]
    assert refreshed(t, "above") == ("INCREMENTAL", "CHANGES")
    t.execute("INSERT INTO s VALUES (101, 'k9', 100)")
    for name in ("t", "above"):
        assert refreshed(t, name) == ("INCREMENTAL", "CHANGES")
    assert refreshed(t, "full_above") == ("FULL", "FULL_MODE")
    assert t.execute("SELECT 't'::regclass::oid").rows == oid
    # The new column can be read above.
    t.execute(f"CREATE DYNAMIC TABLE new_above {INCREMENTAL} AS SELECT sum(n) AS n FROM t")
    t.execute("INSERT INTO s VALUES (102, 'k9', 100)")
    assert refreshed(t, "new_above") == ("INCREMENTAL", "CHANGES")


def test_columns_are_dropped(t: dyntables.Client) -> None:
    role = f"reader_{t.execute('SELECT current_database()').rows[0][0]}"
    t.execute(f"CREATE ROLE {role}; GRANT SELECT ON t TO {role}; GRANT SELECT (k) ON t TO {role}")
    t.execute("COMMENT ON VIEW t IS 'kept'; COMMENT ON COLUMN t.k IS 'key'; COMMENT ON COLUMN t.total IS 'gone'")
    t.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT count(k) AS n FROM t")
    t.execute("INSERT INTO s VALUES (100, 'k9', 100)")
    assert alter(t, "SELECT k FROM s GROUP BY k") == {"query": ANEW, "column total": KEPT}
    assert rows(t, "t") == [("k0",), ("k1",), ("k2",)]
    assert refreshed(t, "above") == ("INCREMENTAL", "CHANGES")
    t.execute("INSERT INTO s VALUES (101, 'k10', 100)")
    for name in ("t", "above"):
        assert refreshed(t, name) == ("INCREMENTAL", "CHANGES")
    assert t.execute(f"SELECT has_table_privilege('{role}', 't', 'SELECT')").rows == [(True,)]
    comments = (
        "SELECT obj_description('t'::regclass), col_description('t'::regclass, 1), col_description('t'::regclass, 2)"
    )
    assert t.execute(comments).rows == [("kept", "key", None)]
    t.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_the_last_columns_are_renamed(t: dyntables.Client) -> None:
    t.execute("ALTER DYNAMIC TABLE t ALTER COLUMN total COMMENT 'all of it'")
    t.execute("CREATE VIEW plain AS SELECT k, total FROM t")
    t.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT max(total) AS m FROM t")
    t.execute(f"CREATE DYNAMIC TABLE other {INCREMENTAL} AS SELECT count(*) AS n FROM t")
    before = rows(t, "t")
    t.execute("INSERT INTO s VALUES (100, 'k9', 100)")
    assert alter(t, "SELECT k, sum(v) AS amount FROM s GROUP BY k") == {"query": ANEW, "column total": KEPT}
    assert t.execute("SELECT k, amount FROM t ORDER BY k").rows == before
    assert rows(t, "plain") == before
    assert t.execute("DESCRIBE DYNAMIC TABLE t").rows[1] == ("amount", "bigint", "all of it")
    assert refreshed(t, "other") == ("INCREMENTAL", "CHANGES")
    # What reads the column follows its new name, and is computed anew.
    assert refreshed(t, "above") == ("REINITIALIZE", "DEFINITION_CHANGED")
    t.execute("INSERT INTO s VALUES (101, 'k9', 100)")
    for name in ("t", "above", "other"):
        assert refreshed(t, name) == ("INCREMENTAL", "CHANGES")


def test_several_alterations_before_a_refresh(t: dyntables.Client) -> None:
    t.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT count(k) AS n FROM t")
    t.execute("INSERT INTO s VALUES (100, 'k9', 100)")
    alter(t, "SELECT k, sum(v) AS total, count(*) AS n FROM s GROUP BY k")
    alter(t, "SELECT k, count(*) AS n FROM s GROUP BY k")
    alter(t, "SELECT k, count(*) AS m FROM s WHERE v > 3 GROUP BY k")
    alter(t, "SELECT k, count(*) AS m, 'x'::text AS x FROM s WHERE v > 3 GROUP BY k")
    assert t.execute("SELECT DISTINCT m, x FROM t").rows == [(None, None)]
    assert refreshed(t, "above") == ("INCREMENTAL", "CHANGES")
    # Back again, over a fresh source.
    t.execute("INSERT INTO s VALUES (101, 'k9', 100)")
    alter(t, "SELECT k, count(*) AS m FROM s GROUP BY k")
    assert refreshed(t, "above")[0] in ("INCREMENTAL", "NO_DATA")
    assert refreshed(t, "t")[0] == "NO_DATA"


def test_changes_that_were_not_consumed_survive(t: dyntables.Client) -> None:
    """The table above is behind when the columns change; its log keeps what it owes."""
    t.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT k, total * 2 AS twice FROM t")
    t.execute("INSERT INTO s VALUES (100, 'k9', 100); ALTER DYNAMIC TABLE t REFRESH")
    alter(t, "SELECT k, sum(v) AS total, min(v) AS least FROM s GROUP BY k")
    t.execute("INSERT INTO s VALUES (101, 'k8', 100)")
    assert refreshed(t, "above") == ("INCREMENTAL", "CHANGES")


def test_what_cannot_be_altered(t: dyntables.Client) -> None:
    t.execute("CREATE DYNAMIC TABLE above TARGET_LAG = '1 hour' AS SELECT total FROM t")
    row = t.execute("SELECT xmin::text FROM dyntables.dynamic_table").rows
    for statement, error, message in (
        (f"t {INCREMENTAL} AS SELECT k, sum(v)::numeric AS total FROM s GROUP BY k", InvalidOptionError, "its type"),
        (f"t {INCREMENTAL} AS SELECT sum(v) AS total, k FROM s GROUP BY k", InvalidOptionError, "their order"),
        (f"t {INCREMENTAL} AS SELECT 1 AS one, k, sum(v) AS total FROM s GROUP BY k", InvalidOptionError, "at the end"),
        (f"t {INCREMENTAL} AS SELECT k FROM s GROUP BY k", DependentObjectsError, '"public.above" reads it'),
        (f"t {INCREMENTAL} INITIALIZE = ON_SCHEDULE AS {SUMS}", InvalidOptionError, "INITIALIZE"),
        (f"t TARGET_LAG = '2 hours' AS {SUMS}", InvalidOptionError, "cannot be above"),
        (f"t {INCREMENTAL} AS {SUMS} HAVING random() < 2", UnsupportedQueryError, "random"),
        (f"t {INCREMENTAL} AS SELECT 'k' AS k, max(total) AS total FROM above", CycleError, "itself"),
        (f"IF NOT EXISTS t {INCREMENTAL} AS {SUMS}", StatementSyntaxError, "exclude"),
    ):
        with pytest.raises(error, match=message):
            t.execute(f"CREATE OR ALTER DYNAMIC TABLE {statement}")
    with pytest.raises(InvalidOptionError, match="TRANSIENT"):
        t.execute(f"CREATE OR ALTER TRANSIENT DYNAMIC TABLE t {INCREMENTAL} AS {SUMS}")
    t.execute("DROP DYNAMIC TABLE above; CREATE VIEW plain AS SELECT total FROM t")
    with pytest.raises(EngineError, match="other objects depend on it"):
        alter(t, "SELECT k FROM s GROUP BY k")
    assert t.execute("SELECT xmin::text FROM dyntables.dynamic_table").rows == row[:1]
    t.execute("INSERT INTO s VALUES (100, 'k9', 100)")
    assert refreshed(t, "t") == ("INCREMENTAL", "CHANGES")


def test_explain_says_beforehand_what_happens(t: dyntables.Client) -> None:
    t.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT max(total) AS m FROM t")
    t.execute("CREATE VIEW plain AS SELECT k FROM t")
    row = t.execute("SELECT xmin::text FROM dyntables.dynamic_table ORDER BY id").rows
    assert explained(t, SUMS) == [
        ("public.t", "nothing", KEPT),
        ("public.above", "none", KEPT),
    ]
    assert explained(t, "SELECT k, sum(v) AS total, count(*) AS n FROM s GROUP BY k", LAG) == [
        ("public.t", "query", ANEW),
        ("public.t", "REFRESH_MODE", KEPT),
        ("public.t", "column n", KEPT),
        ("public.above", "contents", KEPT),
    ]
    assert explained(t, "SELECT k FROM s GROUP BY k") == [
        ("public.t", "query", ANEW),
        ("public.t", "column total", KEPT),
        ("public.above", "none", "REFUSED"),
        ("plain", "none", "REFUSED"),
    ]
    assert explained(t, "SELECT k, sum(v) AS amount FROM s GROUP BY k") == [
        ("public.t", "query", ANEW),
        ("public.t", "column total", KEPT),
        ("public.above", "definition", ANEW),
    ]
    document = json.loads(
        t.execute(f"EXPLAIN (FORMAT JSON) CREATE OR ALTER DYNAMIC TABLE t {LAG} AS {SUMS}").rows[0][0]
    )
    assert document[0]["change"] == "REFRESH_MODE"
    assert t.execute(f"EXPLAIN CHANGES CREATE OR ALTER DYNAMIC TABLE t {LAG} AS {SUMS}").rows[0][2] == "REFRESH_MODE"
    assert t.execute(f"EXPLAIN CREATE OR ALTER DYNAMIC TABLE nobody {LAG} AS {SUMS}").rows[0][5] == "CREATED"
    assert t.execute("SELECT xmin::text FROM dyntables.dynamic_table ORDER BY id").rows == row


def test_column_comments(t: dyntables.Client) -> None:
    t.execute(f"CREATE OR ALTER DYNAMIC TABLE t (k COMMENT 'key', total) {INCREMENTAL} AS {SUMS}")
    comments = lambda: [r[2] for r in t.execute("DESCRIBE DYNAMIC TABLE t").rows]  # noqa: E731
    assert comments() == ["key", None]
    t.execute("ALTER DYNAMIC TABLE t MODIFY COLUMN k UNSET COMMENT, COLUMN total COMMENT 'sum'")
    assert comments() == [None, "sum"]
    with pytest.raises(Exception, match='no column "x"'):
        t.execute("ALTER DYNAMIC TABLE t ALTER x COMMENT 'y'")
    assert refreshed(t, "t") == ("NO_DATA", "NO_CHANGES")


def test_the_time_zone_of_the_table_stays(t: dyntables.Client) -> None:
    query = "SELECT k, sum(v) AS total FROM s WHERE now() > '2020-01-01 12:00'::timestamptz GROUP BY k"
    t.execute("SET timezone = 'America/New_York'")
    t.execute(f"CREATE DYNAMIC TABLE z {LAG} AS {query}; SET timezone = 'Asia/Tokyo'")
    assert alter(t, query, LAG, "z") == {}
    assert t.execute("SHOW timezone").rows == [("Asia/Tokyo",)]


def test_suspended_and_unfilled_tables(t: dyntables.Client) -> None:
    t.execute("ALTER DYNAMIC TABLE t SUSPEND")
    assert alter(t, "SELECT k, max(v) AS most FROM s GROUP BY k")["query"] == ANEW
    assert t.execute("SELECT scheduling_state FROM dyntables.dynamic_tables").rows == [("SUSPENDED",)]
    t.execute(f"CREATE DYNAMIC TABLE late {LAG} INITIALIZE = ON_SCHEDULE AS SELECT k FROM s")
    assert alter(t, "SELECT k, v FROM s", LAG, "late") == {"query": ANEW, "column v": KEPT}
    with pytest.raises(EngineError, match="not initialized"):
        t.execute("SELECT * FROM late")
    assert refreshed(t, "late")[0] == "REINITIALIZE"
    t.execute("INSERT INTO s VALUES (100, 'k9', 100)")
    assert refreshed(t, "late")[0] == "INCREMENTAL"


def test_readers_never_see_an_error_or_an_empty_table(t: dyntables.Client, database_url: str) -> None:
    stop, counts, errors = threading.Event(), set(), []

    def look() -> None:
        with psycopg.connect(database_url, autocommit=True) as reader:
            while not stop.is_set():
                try:
                    counts.add(reader.execute("SELECT count(k) FROM t").fetchone())
                except psycopg.Error as error:
                    errors.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for number in range(8):
            more = f", {number} AS c{number}" if number % 3 else ""
            alter(t, f"SELECT k, sum(v) AS total{more} FROM s GROUP BY k")
            t.execute("ALTER DYNAMIC TABLE t REFRESH")
    finally:
        stop.set()
        thread.join()
    assert errors == []
    assert counts == {(3,)}


@pytest.mark.parametrize(
    ("before", "after", "plan"),
    [
        ("a b", "a b", ColumnPlan((("a", "t"), ("b", "t")))),
        ("a b", "a", ColumnPlan((("a", "t"),), (("b", "t"),))),
        ("a b", "b c", ColumnPlan((("b", "t"),), (("a", "t"),), (("c", "t"),))),
        ("a b", "a c", ColumnPlan((("a", "t"), ("b", "t")), renamed=(("b", "c"),))),
        ("a b", "c d", ColumnPlan((("a", "t"), ("b", "t")), renamed=(("a", "c"), ("b", "d")))),
        ("a b", "a c d", ColumnPlan((("a", "t"),), (("b", "t"),), (("c", "t"), ("d", "t")))),
    ],
)
def test_plans(before: str, after: str, plan: ColumnPlan) -> None:
    def columns(text: str) -> tuple[tuple[str, str], ...]:
        return tuple((name, "t") for name in text.split())

    assert plan_columns(columns(before), columns(after)) == plan
    assert plan.after == columns(after)


def test_the_tables_above_one_that_follows_a_new_name(t: dyntables.Client) -> None:
    t.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT k, total FROM t WHERE total > 0")
    t.execute(f"CREATE DYNAMIC TABLE top {INCREMENTAL} AS SELECT count(*) AS n, sum(total) AS s FROM above")
    t.execute("INSERT INTO s VALUES (100, 'k9', 100)")
    alter(t, "SELECT k, sum(v) AS amount FROM s GROUP BY k")
    assert refreshed(t, "top") == ("INCREMENTAL", "CHANGES")
    t.execute("INSERT INTO s VALUES (101, 'k9', 100)")
    assert refreshed(t, "top") == ("INCREMENTAL", "CHANGES")
