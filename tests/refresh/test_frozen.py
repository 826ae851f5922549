"""Frozen regions: at every refresh a table is its definition outside the region, and the frozen rows as they were."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

import dyntables
from dyntables.errors import DyntablesError, InvalidOptionError, InvalidQueryError, RefreshError, UnsupportedQueryError

LAG = "TARGET_LAG = '1 hour'"
PAST = "(day < '2026-01-11')"
BY_DAY = "SELECT day, count(*) AS n, sum(v) AS total, max(k) AS k FROM s GROUP BY day"
QUERIES = {
    "rows": "SELECT id, day, v FROM s WHERE v IS DISTINCT FROM 3",
    "aggregate": BY_DAY,
    "having": "SELECT day, k, sum(v) AS total FROM s GROUP BY day, k HAVING sum(v) > 5",
    "join": "SELECT s.day, d.name, s.v FROM s JOIN d USING (k)",
    "left join": "SELECT s.id, s.day, d.name FROM s LEFT JOIN d USING (k)",
    "aggregate of a join": "SELECT s.day, d.name, count(*) AS n, sum(s.v) AS v FROM s JOIN d USING (k) GROUP BY 1, 2",
    "window": "SELECT id, day, sum(v) OVER (PARTITION BY day ORDER BY id) AS running FROM s",
    "first of each": "SELECT day, id, v FROM (SELECT *, row_number() OVER (PARTITION BY day ORDER BY v, id) AS r "
    "FROM s) q WHERE r = 1",
    "union all": "SELECT day, v FROM s UNION ALL SELECT day, -v FROM s WHERE v > 4",
    "distinct": "SELECT DISTINCT day, k FROM s",
    "exists": "SELECT id, day FROM s WHERE EXISTS (SELECT 1 FROM d WHERE d.k = s.k)",
    "limit": "SELECT id, day, v FROM s ORDER BY v DESC NULLS LAST, id LIMIT 12",
    "grouping sets": "SELECT day, k, count(*) AS n FROM s GROUP BY GROUPING SETS ((day, k), (day))",
    "full join": "SELECT a.day, b.v FROM s a FULL JOIN s b ON a.id = b.id + 1",
    "scalar subquery": "SELECT id, day, (SELECT count(*) FROM d WHERE d.k = s.k) AS n FROM s",
    "set-returning": "SELECT id, day, generate_series(1, k) AS i FROM s",
    "clock": "SELECT id, day, v FROM s WHERE day < now() + interval '100 years'",
    "intersect": "SELECT day, k FROM s INTERSECT ALL SELECT day, k FROM s WHERE v > 2",
    "quoted": 'SELECT day, id AS "the ""id", v::numeric(12, 3) AS "V" FROM s',
    "computed": "SELECT id, day + 0 AS day, v * 2 AS v FROM s",
}  # fmt: skip
CHANGES = [
    "INSERT INTO s SELECT 100 + i, i % 4, i, date '2026-01-08' + i FROM generate_series(1, 6) i",
    "UPDATE s SET v = v + 100 WHERE id % 3 = 0",
    "UPDATE d SET name = name || '!'",
    "DELETE FROM s WHERE id % 5 = 0",
    "INSERT INTO s VALUES (200, 1, 5, NULL), (201, NULL, NULL, '2026-01-01'), (202, 2, NULL, '2026-02-01')",
    "UPDATE s SET day = day + 5 WHERE id IN (8, 9, 101)",
    "UPDATE s SET day = day - 9 WHERE id IN (14, 15, 202)",
    "DELETE FROM d WHERE k = 2",
    "UPDATE s SET k = 1, v = 1 WHERE day < '2026-01-05' OR day IS NULL",
]


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id integer PRIMARY KEY, k integer, v integer, day date)")
        client.execute("CREATE TABLE d (k integer PRIMARY KEY, name text)")
        client.execute("INSERT INTO s SELECT i, i % 4, i % 7, date '2026-01-01' + i FROM generate_series(1, 20) i")
        client.execute("INSERT INTO d SELECT i, 'd' || i FROM generate_series(0, 2) i")
        yield client


def create(dt: dyntables.Client, query: str, where: str = PAST, options: str = "REFRESH_MODE = INCREMENTAL") -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} {options} FROZEN WHERE {where} AS {query}")
    dt.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM t WHERE {where}")


def refresh(dt: dyntables.Client, name: str = "t") -> tuple[str, str, int, int]:
    """Refresh; return action, reason, rows inserted and deleted."""
    result = dt.execute(f"ALTER DYNAMIC TABLE {name} REFRESH")
    row = next(dict(zip(result.columns, r, strict=True)) for r in result.rows if r[0] == f"public.{name}")
    return row["action"], row["reason"], row["rows_inserted"], row["rows_deleted"]


def check(dt: dyntables.Client, query: str, where: str = PAST) -> None:
    """Compare all contents with the law; ``kept`` has the frozen rows as the test knows them."""
    law = f"(SELECT * FROM ({query}) q WHERE ({where}) IS NOT TRUE UNION ALL SELECT * FROM kept)"
    for one, other in (("SELECT * FROM t", law), (law, "SELECT * FROM t")):
        assert dt.execute(f"{one} EXCEPT ALL {other}").rows == []


def verify(dt: dyntables.Client, *names: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in names:
        result = dt.execute(f"ALTER DYNAMIC TABLE {name} VERIFY")
        row = dict(zip(result.columns, result.rows[0], strict=True))
        assert row["equal"], row
    return row


@pytest.mark.parametrize("query", QUERIES.values(), ids=list(QUERIES))
def test_incremental_refreshes_leave_the_region_alone(dt: dyntables.Client, query: str) -> None:
    create(dt, query)
    dt.execute(
        f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT day, count(*) AS n FROM t GROUP BY day"
    )
    for change in CHANGES:
        dt.execute(change)
        action = refresh(dt, "u")[0]
        assert action in ("INCREMENTAL", "NO_DATA")
        check(dt, query)
        frozen = dt.execute("SELECT count(*) FROM kept").rows[0][0]
        assert verify(dt, "u", "t")["frozen_rows"] == frozen
    actions = dt.execute(
        "SELECT DISTINCT refresh_action FROM dyntables.refresh_history WHERE refresh_trigger = 'MANUAL'"
    )
    assert {a for (a,) in actions.rows} <= {"INCREMENTAL", "NO_DATA"}


def test_what_concerns_only_frozen_groups_changes_nothing(dt: dyntables.Client) -> None:
    create(dt, BY_DAY)
    dt.execute("UPDATE s SET v = 1000 WHERE day < '2026-01-11'")
    assert refresh(dt) == ("INCREMENTAL", "CHANGES", 0, 0)
    dt.execute("UPDATE s SET v = 1000 WHERE day = '2026-01-11'")
    assert refresh(dt) == ("INCREMENTAL", "CHANGES", 1, 1)
    check(dt, BY_DAY)


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("form", ["SWAP", "DIFF"])
def test_full_refreshes_leave_the_region_alone(dt: dyntables.Client, form: str) -> None:
    other = "DIFF" if form == "SWAP" else "SWAP"
    create(dt, BY_DAY, options="REFRESH_MODE = FULL")
    dt.execute(
        f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT count(*) AS n, sum(total) AS v FROM t"
    )
    for change in CHANGES:
        dt.execute(
            "UPDATE dyntables.dynamic_table SET costs = jsonb_set(jsonb_set(costs, '{rows}', '9'), '{forms}', "
            f"jsonb_build_object('{form}', jsonb_build_array(0.0001, extract(epoch FROM now()), 0), '{other}', "
            "jsonb_build_array(1000, extract(epoch FROM now()), 0))) WHERE table_name = 't'"
        )
        dt.execute(change)
        assert refresh(dt, "u")[0] in ("INCREMENTAL", "NO_DATA")
        below = dt.execute(
            "SELECT refresh_action, full_form FROM dyntables.refresh_history WHERE name = 't' "
            "ORDER BY refresh_id DESC LIMIT 1"
        )
        assert below.rows == [("FULL", form)]
        check(dt, BY_DAY)
        verify(dt, "t", "u")


@pytest.mark.pg(15, 18)
def test_reinitialization_keeps_the_region(dt: dyntables.Client) -> None:
    create(dt, BY_DAY)
    dt.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT count(*) AS n, sum(n) AS v FROM t")
    dt.execute("TRUNCATE s")
    dt.execute("INSERT INTO s SELECT i, i, i, date '2026-01-01' + i FROM generate_series(5, 15) i")
    assert refresh(dt)[:2] == ("REINITIALIZE", "SOURCE_TRUNCATED")
    check(dt, BY_DAY)
    assert refresh(dt, "u")[0] == "INCREMENTAL"
    verify(dt, "t", "u")
    # Storage that somebody spoilt.
    dt.execute("DROP DYNAMIC TABLE u")
    dt.execute("SET dyntables.refreshing = on")
    dt.execute("DELETE FROM dyntables_data.t1_g2 WHERE ctid = (SELECT min(ctid) FROM dyntables_data.t1_g2)")
    dt.execute("RESET dyntables.refreshing")
    dt.execute("DELETE FROM s WHERE id = 10")
    refresh(dt)
    check(dt, BY_DAY)
    verify(dt, "t")


@pytest.mark.pg(15, 18)
def test_frozen_rows_take_the_types_of_an_altered_source(dt: dyntables.Client) -> None:
    create(dt, BY_DAY)
    dt.execute("ALTER TABLE s ALTER v TYPE bigint")
    assert refresh(dt)[:2] == ("REINITIALIZE", "SOURCE_ALTERED")
    check(dt, BY_DAY)
    assert dt.execute("SELECT DISTINCT pg_typeof(total)::text FROM t").rows == [("numeric",)]
    dt.execute("UPDATE s SET v = 12 WHERE id IN (3, 16)")
    assert refresh(dt)[0] == "INCREMENTAL"
    check(dt, BY_DAY)
    verify(dt, "t")


def test_a_full_refresh_by_cost_keeps_the_region(dt: dyntables.Client) -> None:
    dt.execute("INSERT INTO s SELECT i, i % 4, i % 7, date '2026-01-01' + i % 20 FROM generate_series(1000, 90000) i")
    create(dt, BY_DAY, options="")
    dt.execute("UPDATE s SET v = v + 1")
    assert refresh(dt)[:2] == ("FULL", "CHEAPER_IN_FULL")
    check(dt, BY_DAY)
    dt.execute("UPDATE s SET v = v + 1 WHERE id < 30")
    assert refresh(dt)[0] == "INCREMENTAL"
    check(dt, BY_DAY)


@pytest.mark.pg(15, 18)
def test_the_region_is_set_widened_narrowed_and_unset(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = INCREMENTAL AS {BY_DAY}")
    dt.execute(
        f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT count(*) AS n, sum(total) AS v FROM t"
    )
    dt.execute("CREATE TEMP TABLE kept AS SELECT * FROM t WITH NO DATA")
    for where in ("(day < '2026-01-05')", "(day < '2026-01-15')", "(day <= '2026-01-08' OR day = '2026-01-20')"):
        dt.execute(f"ALTER DYNAMIC TABLE t SET FROZEN WHERE {where}")
        dt.execute("UPDATE s SET v = v + 1")
        dt.execute(
            f"CREATE TEMP TABLE next AS SELECT * FROM t WHERE {where}; DROP TABLE kept; ALTER TABLE next RENAME TO kept"
        )
        assert refresh(dt)[:2] == ("REINITIALIZE", "FROZEN_REGION_CHANGED")
        check(dt, BY_DAY, where)
        dt.execute("UPDATE s SET v = v * 2")
        assert refresh(dt, "u")[0] == "INCREMENTAL"
        check(dt, BY_DAY, where)
        verify(dt, "t", "u")
    dt.execute("ALTER DYNAMIC TABLE t UNSET IMMUTABLE WHERE")
    assert refresh(dt)[:2] == ("REINITIALIZE", "FROZEN_REGION_CHANGED")
    assert verify(dt, "t", "u")["frozen_rows"] is None
    dt.execute("DELETE FROM kept")
    check(dt, BY_DAY, "false")
    storage = "SELECT relname FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace AND relname ~ '_frozen'"
    assert dt.execute(storage).rows == []


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL"])
def test_rows_that_the_boundary_passes_stay_as_they_were(dt: dyntables.Client, mode: str) -> None:
    dt.execute("CREATE TABLE e (id integer, v integer, at timestamptz)")
    dt.execute("INSERT INTO e SELECT i, i, now() - i * interval '1 minute' FROM generate_series(-2, 20) i")
    where = "at < now() - interval '10 minutes'"
    query = "SELECT id, v, at FROM e"
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = {mode} FROZEN WHERE ({where}) AS {query}")
    dt.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT count(*) AS n, sum(v) AS v FROM t")
    dt.execute("INSERT INTO e VALUES (30, 30, now() - interval '10 minutes' + interval '1.5 s')")
    verify(dt, "t", "u")
    before = dt.execute("SELECT frozen_rows FROM dyntables.frozen_regions").rows[0][0]
    dt.execute("SELECT pg_sleep(1.6)")
    dt.execute("UPDATE e SET v = v + 1000")
    dt.execute("INSERT INTO e VALUES (31, 31, now() - interval '1 hour')")
    assert refresh(dt, "u")[0] == "INCREMENTAL"
    done = dt.execute(
        "SELECT refresh_action FROM dyntables.refresh_history WHERE name = 't' ORDER BY refresh_id DESC LIMIT 1"
    )
    assert done.rows == [(mode,)]
    assert dt.execute("SELECT v FROM t WHERE id = 30").rows == [(30,)]
    assert dt.execute("SELECT count(*), count(*) FILTER (WHERE v < 900) FROM t").rows == [(24, before + 1)]
    assert verify(dt, "u", "t")["frozen_rows"] == before + 1
    assert dt.execute("SELECT (u.n, u.v) = (SELECT count(*), sum(v) FROM t) FROM u").rows == [(True,)]


@pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL"])
def test_groups_that_the_boundary_passes_stay_as_the_last_refresh_left_them(dt: dyntables.Client, mode: str) -> None:
    dt.execute("CREATE TABLE e (id integer GENERATED ALWAYS AS IDENTITY, v integer, at timestamptz)")
    query = "SELECT date_trunc('second', at) AS at, count(*) AS n, sum(v) AS v FROM e GROUP BY 1"
    boundary = "date_trunc('second', {}) - interval '1 second'"
    dt.execute("INSERT INTO e (v, at) SELECT i, now() - i * interval '0.1 s' FROM generate_series(-40, 40) i")
    dt.execute(
        f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = {mode} FROZEN WHERE (at < {boundary.format('now()')}) AS {query}"
    )
    dt.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT count(*) AS n, sum(v) AS v FROM t")
    where = f"at < {boundary.format('(SELECT data_timestamp FROM dyntables.dynamic_table WHERE table_name = $$t$$)')}"
    dt.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM t WHERE {where}")
    moved = 0
    for _ in range(6):
        dt.execute("UPDATE e SET v = v + 1; INSERT INTO e (v, at) VALUES (1, now()), (1, now() - interval '1 minute')")
        dt.execute("SELECT pg_sleep(0.6); CREATE TEMP TABLE before AS SELECT * FROM t")
        assert refresh(dt, "u")[0] == "INCREMENTAL"
        added = dt.execute(f"INSERT INTO kept (SELECT * FROM before WHERE {where} EXCEPT ALL TABLE kept) RETURNING 1")
        moved += len(added.rows)
        dt.execute("DROP TABLE before")
        check(dt, query, where)
        assert dt.execute("SELECT (u.n, u.v) = (SELECT count(*), sum(v) FROM t) FROM u").rows == [(True,)]
    assert moved >= 3
    modes = (
        "SELECT DISTINCT refresh_action FROM dyntables.refresh_history WHERE name = 't' AND refresh_trigger = 'MANUAL'"
    )
    assert dt.execute(modes).rows == [(mode,)]
    assert verify(dt, "u", "t")["frozen_rows"] >= moved


def test_a_boundary_that_moves_back_is_an_error(dt: dyntables.Client) -> None:
    dt.execute("UPDATE s SET day = current_date - 10 + id")
    create(dt, BY_DAY, "(day < current_date - 5)")
    ahead = "jsonb_build_array('''' || (current_date + 3)::text || '''::date')"
    dt.execute(f"UPDATE dyntables.dynamic_table SET frozen = jsonb_set(frozen, '{{boundaries}}', {ahead})")
    with pytest.raises(RefreshError, match="has moved back"):
        dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert dt.execute("SELECT count(*) FROM t").rows == [(20,)]


def test_a_boundary_on_the_clock_is_pushed_down_as_a_constant(dt: dyntables.Client) -> None:
    dt.execute("UPDATE s SET day = current_date - 10 + id")
    create(dt, BY_DAY, "(day < current_date - 5)")
    text = "\n".join(r[0] for r in dt.execute("EXPLAIN (VERBOSE) DYNAMIC TABLE t").rows)
    today = dt.execute("SELECT (current_date - 5)::text").rows[0][0]
    assert today in text
    assert "frozen, so that only the other rows are kept fresh: day < current_date - 5" in text


def test_only_rows_near_a_boundary_on_the_clock_are_looked_at(dt: dyntables.Client) -> None:
    """An index on the compared column finds the rows that the boundary passes, as it does for a condition of WHERE."""
    dt.execute("CREATE TABLE e (v integer, at timestamptz); CREATE INDEX ON e (at)")
    dt.execute("INSERT INTO e SELECT i, now() - i * interval '1 minute' FROM generate_series(1, 1000) i")
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} FROZEN WHERE (at < now() - interval '1 hour') AS SELECT v, at FROM e")
    text = "\n".join(r[0] for r in dt.execute("EXPLAIN (VERBOSE) DYNAMIC TABLE t").rows)
    assert ">= least(" in text
    assert "<= greatest(" in text


PREDICATES = [
    "day < '2026-01-08'", "day <= '2026-01-08'", "'2026-01-08' > day", "day > '2026-01-08'", "v >= 3", "NOT v < 3",
    "day < '2026-01-08' AND v > 2", "day < '2026-01-08' OR v > 2", "day < '2026-01-08' AND (v > 2 OR k IS NULL)",
    "v IN (1, 2, NULL)", "v NOT IN (1, 2)", "day BETWEEN '2026-01-03' AND '2026-01-09'", "v = k",
    "(v > 2) IS NOT FALSE",
    "v IS NULL", "coalesce(v, 0) < 2", "day < NULL::date", "v < 2.5", "day < now()", "day <= current_date - 5",
    "current_date - 5 > day", "day < localtimestamp AND v > 2", "day < current_timestamp OR v > 2",
    "day + v < now() AND (day < current_date - interval '3 days' OR day < date_trunc('month', now()))",
    "extract(day FROM day) < 9", "k::text || v LIKE '1%'", "day::text COLLATE \"C\" < '2026-01-08'",
]  # fmt: skip


@pytest.mark.pg(15, 18)
def test_what_is_not_frozen_is_maintained_whatever_is_null(dt: dyntables.Client) -> None:
    dt.execute(
        "INSERT INTO s SELECT 100 + i, nullif(i % 3, 0), nullif(i % 4, 0), current_date - 9 + i "
        "FROM generate_series(1, 9) i"
    )
    dt.execute("INSERT INTO s VALUES (1000, NULL, 1, NULL), (1001, 1, NULL, NULL), (1002, 1, NULL, '2026-01-01')")
    dt.execute("CREATE TABLE first AS SELECT * FROM s")
    for predicate in PREDICATES:
        dt.execute("DELETE FROM s; INSERT INTO s SELECT * FROM first")
        dt.execute(f"CREATE OR REPLACE DYNAMIC TABLE t {LAG} FROZEN WHERE ({predicate}) AS SELECT * FROM s")
        dt.execute(f"DROP TABLE IF EXISTS kept; CREATE TEMP TABLE kept AS SELECT * FROM s WHERE {predicate}")
        assert verify(dt, "t")["frozen_rows"] == dt.execute("SELECT count(*) FROM kept").rows[0][0], predicate
        dt.execute("UPDATE s SET k = k + 1 WHERE id % 2 = 0; DELETE FROM s WHERE id % 7 = 0")
        refresh(dt)
        check(dt, "SELECT * FROM s", predicate)
        verify(dt, "t")


def test_sources_and_columns_are_renamed(dt: dyntables.Client) -> None:
    create(dt, "SELECT day, v, name FROM s JOIN d USING (k)")
    dt.execute("ALTER TABLE s RENAME TO s2; ALTER TABLE s2 RENAME COLUMN day TO on_day; ALTER TABLE d RENAME TO d2")
    dt.execute("UPDATE s2 SET v = v + 1")
    refresh(dt)
    check(dt, "SELECT on_day AS day, v, name FROM s2 JOIN d2 USING (k)")
    verify(dt, "t")


def test_the_predicate_is_in_the_dialect_of_the_definition(dt: dyntables.Client) -> None:
    query = "SELECT day, IFF(v > 3, 1, 0) AS big FROM s"
    where = "day < DATEADD(day, -30, CURRENT_DATE())"
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} DIALECT = SNOWFLAKE FROZEN WHERE ({where}) AS {query}")
    dt.execute("CREATE TEMP TABLE kept AS SELECT * FROM t WHERE day < current_date - 30")
    dt.execute("UPDATE s SET v = 9; INSERT INTO s VALUES (99, 1, 1, current_date)")
    refresh(dt)
    assert verify(dt, "t")["frozen_rows"] == 20
    dt.execute("ALTER DYNAMIC TABLE t SET FROZEN WHERE (day < TO_DATE('2026-01-11'))")
    assert refresh(dt)[1] == "FROZEN_REGION_CHANGED"
    assert verify(dt, "t")["frozen_rows"] == 9
    with pytest.raises(UnsupportedQueryError, match="NOTHING is not carried over"):
        dt.execute("ALTER DYNAMIC TABLE t SET FROZEN WHERE (day < NOTHING('2026-01-11'))")


def test_random_histories(dt: dyntables.Client) -> None:
    """Any mixture of changes, refreshes and regions, against what the test itself remembers."""
    seed = random.randrange(10**9)
    rng = random.Random(seed)
    query = "SELECT s.day, d.name, count(*) AS n, sum(s.v) AS v FROM s LEFT JOIN d USING (k) GROUP BY 1, 2"
    where = "(day < '2026-01-06')"
    create(dt, query, where)
    dt.execute(
        f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = INCREMENTAL AS SELECT day, sum(v) AS v FROM t GROUP BY day"
    )
    for step in range(25):
        for _ in range(rng.randint(0, 3)):
            low = rng.randint(1, 40)
            dt.execute(
                rng.choice(
                    [
                        f"INSERT INTO s SELECT 1000 * {step + 1} + i, i % 5, i, date '2026-01-01' + {low % 20} "
                        f"FROM generate_series({low}, {low + 3}) i ON CONFLICT DO NOTHING",
                        f"DELETE FROM s WHERE id % {low + 5} = 0",
                        f"UPDATE s SET v = v + {low}, day = day + {rng.randint(-2, 2)} WHERE id % 7 = {low % 7}",
                        f"UPDATE d SET name = 'x{low}' WHERE k = {low % 3}",
                    ]
                )
            )
        if rng.random() < 0.2:
            where = f"(day < date '2026-01-01' + {rng.randint(0, 25)})"
            dt.execute(f"ALTER DYNAMIC TABLE t SET FROZEN WHERE {where}")
            dt.execute(f"CREATE TEMP TABLE next AS SELECT * FROM t WHERE {where}")
            dt.execute("DROP TABLE kept; ALTER TABLE next RENAME TO kept")
        refresh(dt, "u")
        try:
            check(dt, query, where)
            verify(dt, "t", "u")
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, step {step}, region {where}") from error


def test_on_schedule_and_replace(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} INITIALIZE = ON_SCHEDULE FROZEN WHERE {PAST} AS {BY_DAY}")
    dt.execute("CREATE TEMP TABLE kept AS SELECT * FROM (" + BY_DAY + f") q WHERE {PAST}")
    assert refresh(dt)[:2] == ("REINITIALIZE", "INITIAL")
    dt.execute("UPDATE s SET v = 50")
    refresh(dt)
    check(dt, BY_DAY)
    with pytest.raises(DyntablesError):
        dt.execute(
            f"CREATE OR REPLACE DYNAMIC TABLE t {LAG} FROZEN WHERE {PAST} AS SELECT day, 1 / (v - 50) AS x FROM s"
        )
    dt.execute("UPDATE s SET v = 51")
    assert refresh(dt)[0] == "INCREMENTAL"
    check(dt, BY_DAY)
    other = "SELECT day, sum(v) AS total FROM s GROUP BY day"
    dt.execute(f"CREATE OR REPLACE DYNAMIC TABLE t {LAG} FROZEN WHERE {PAST} AS {other}")
    dt.execute(f"DROP TABLE kept; CREATE TEMP TABLE kept AS SELECT * FROM ({other}) q WHERE {PAST}")
    dt.execute("UPDATE s SET v = 52")
    refresh(dt)
    check(dt, other)
    verify(dt, "t")
    dt.execute("ALTER DYNAMIC TABLE t SET DATA_RETENTION_TIME_IN_DAYS = 0")
    dt.execute("DROP DYNAMIC TABLE t")
    assert dt.execute("SELECT relname FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace").rows == []


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL"])
def test_backfill_gives_the_frozen_rows(dt: dyntables.Client, mode: str) -> None:
    dt.execute(f"CREATE TABLE old AS SELECT day - 1000 AS day, n, total, k FROM ({BY_DAY}) q")
    dt.execute("INSERT INTO old SELECT * FROM old WHERE n > 0 LIMIT 2; INSERT INTO old VALUES (NULL, 1, 1, 1)")
    options = f"REFRESH_MODE = {mode} FROZEN WHERE {PAST} BACKFILL FROM old"
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} {options} AS {BY_DAY}")
    dt.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM old WHERE {PAST}")
    dt.execute("DROP TABLE old; UPDATE s SET v = v + 1")
    assert refresh(dt)[0] == mode
    check(dt, BY_DAY)
    assert verify(dt, "t")["frozen_rows"] == 22


def test_a_definition_changes_and_the_past_stays(dt: dyntables.Client) -> None:
    """The backfill may be the table itself: a new definition for recent rows only."""
    create(dt, BY_DAY)
    other = "SELECT day, count(*) AS n, sum(v) * 2 AS total, max(k) AS k FROM s GROUP BY day"
    dt.execute(f"CREATE OR REPLACE DYNAMIC TABLE t {LAG} FROZEN WHERE {PAST} BACKFILL FROM t AS {other}")
    check(dt, other)
    dt.execute("UPDATE s SET v = v + 1")
    assert refresh(dt)[0] == "INCREMENTAL"
    check(dt, other)


REFUSED = [
    (f"FROZEN WHERE (n > 1) AS {BY_DAY}", InvalidOptionError, "an aggregate function makes it"),
    ("FROZEN WHERE (r > 1) AS SELECT id, row_number() OVER (PARTITION BY day ORDER BY id) AS r FROM s",
     InvalidOptionError, "a window function makes it"),
    ("FROZEN WHERE (id > 1) AS SELECT id, row_number() OVER (PARTITION BY day ORDER BY id) AS r FROM s",
     InvalidOptionError, "not in its PARTITION BY"),
    ("FROZEN WHERE (day IN (SELECT day FROM s)) AS SELECT id, day FROM s", InvalidOptionError, "a subquery"),
    ("FROZEN WHERE (sum(id) > 1) AS SELECT id, day FROM s", InvalidOptionError, "an aggregate function"),
    ("FROZEN WHERE (rank() OVER () > 1) AS SELECT id, day FROM s", InvalidOptionError, "a window function"),
    ("FROZEN WHERE (random() > v) AS SELECT v FROM s", InvalidOptionError, '"random", which is volatile'),
    ("FROZEN WHERE (mine(v)) AS SELECT v FROM s", InvalidOptionError, '"mine", which is not the server\'s own'),
    ("FROZEN WHERE (v = current_setting('a.b')::int) AS SELECT v FROM s", InvalidOptionError, '"current_setting"'),
    ("FROZEN WHERE (day > now()) AS SELECT day FROM s", InvalidOptionError, "could become smaller"),
    ("FROZEN WHERE (day = current_date) AS SELECT day FROM s", InvalidOptionError, "could become smaller"),
    ("FROZEN WHERE (NOT (day < now())) AS SELECT day FROM s", InvalidOptionError, "could become smaller"),
    ("FROZEN WHERE (day < current_date - v) AS SELECT day, v FROM s", InvalidOptionError, "could become smaller"),
    ("FROZEN WHERE (day < NULL + now()::date) AS SELECT day, v FROM s", DyntablesError, ""),
    ("FROZEN WHERE (day::time < localtime) AS SELECT day::timestamp AS day FROM s", InvalidOptionError, "smaller"),
    ("FROZEN WHERE (nothing > 1) AS SELECT v FROM s", InvalidQueryError, 'column "nothing" does not exist'),
    ("FROZEN WHERE (day) AS SELECT day FROM s", InvalidQueryError, "boolean"),
    ("FROZEN WHERE (true) AS SELECT day FROM s", InvalidOptionError, "reads no column"),
    ("FROZEN WHERE (v = 1 AND generate_series(1, 2) = 1) AS SELECT v FROM s", DyntablesError, "set"),
    ("FROZEN WHERE (v = 1::small) AS SELECT v FROM s", InvalidOptionError, "a cast to a domain"),
    ("FROZEN WHERE (s IS NULL) AS SELECT v FROM s", InvalidQueryError, 'column "s" does not exist'),
    ("FROZEN WHERE (dt_predicate_of IS NULL) AS SELECT v FROM s", DyntablesError, ""),
    ("FROZEN WHERE (ctid = '(0,1)') AS SELECT v FROM s", DyntablesError, "ctid"),
    ("FROZEN WHERE () AS SELECT day FROM s", DyntablesError, "predicate"),
    ("FROZEN WHERE (v > 1) AS SELECT random() AS r, v FROM s", UnsupportedQueryError, "maintained incrementally"),
    ("FROZEN WHERE (v > 1) IMMUTABLE WHERE (v > 1) AS SELECT v FROM s", InvalidOptionError, "given twice"),
    ("BACKFILL FROM s AS SELECT * FROM s", InvalidOptionError, "needs FROZEN WHERE"),
    ("FROZEN WHERE (v > 1) BACKFILL FROM nothing AS SELECT * FROM s", DyntablesError, "does not exist"),
    ("FROZEN WHERE (v > 1) BACKFILL FROM d AS SELECT * FROM s", InvalidOptionError, "does not have the columns"),
    ("FROZEN WHERE (v > 1) BACKFILL FROM s AT (OFFSET => -60) AS SELECT * FROM s", DyntablesError, "time travel"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "error", "words"), REFUSED, ids=[s[:60] for s, _, _ in REFUSED])
def test_what_is_refused(dt: dyntables.Client, statement: str, error: type[DyntablesError], words: str) -> None:
    dt.execute("CREATE DOMAIN small AS integer CHECK (value < 9)")
    dt.execute("CREATE FUNCTION mine(integer) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN $1 > 0")
    with pytest.raises(error) as caught:
        dt.execute(f"CREATE DYNAMIC TABLE t {LAG} {statement}")
    assert words in str(caught.value)
    assert dt.execute("SELECT count(*) FROM dyntables.dynamic_table").rows == [(0,)]
    assert dt.execute("SELECT relname FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace").rows == []


def test_what_alter_refuses(dt: dyntables.Client) -> None:
    create(dt, BY_DAY)
    for statement, words in (
        ("SET FROZEN WHERE (n > 3)", "an aggregate function makes it"),
        ("SET BACKFILL FROM s", "when the table is created"),
        ("SET FROZEN WHERE (day > now())", "could become smaller"),
    ):
        with pytest.raises(InvalidOptionError, match=words):
            dt.execute(f"ALTER DYNAMIC TABLE t {statement}")
    dt.execute(f"ALTER DYNAMIC TABLE t SET FROZEN WHERE {PAST}")
    dt.execute("UPDATE s SET v = 12")
    assert refresh(dt)[0] == "INCREMENTAL", "the same region is no change"
    check(dt, BY_DAY)
