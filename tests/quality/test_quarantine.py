"""ON VIOLATION QUARANTINE: rows that break a rule wait beside the table, and come back by themselves."""

from __future__ import annotations

import random

import pytest

import dyntables
from dyntables.errors import CatalogError, InvalidOptionError
from tests.quality.test_histories import change
from tests.quality.test_measures import measured

RULES = ("expression(n > 0 OR w = 'b')", "range(k, NULL, 7) WHERE (w <> 'b')")
BAD = "(n > 0 OR w = 'b') IS FALSE OR (w <> 'b' AND (k <= 7) IS FALSE)"


def make(dt: dyntables.Client, mode: str, query: str) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = {mode} AS {query}")
    dt.execute(
        "CREATE DYNAMIC TABLE above TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS "
        "SELECT w, count(*) AS rows, sum(n) AS n FROM t GROUP BY w"
    )
    for number, check in enumerate(RULES):
        dt.execute(f"CREATE QUALITY RULE q{number} ON t CHECK {check} ON VIOLATION QUARANTINE")


def off(dt: dyntables.Client, query: str, table: str, columns: str = "*") -> list[object]:
    """Return what a query and a table do not have in common."""
    return dt.execute(
        f"(SELECT {columns} FROM ({query}) q EXCEPT ALL SELECT {columns} FROM {table}) UNION ALL "
        f"(SELECT {columns} FROM {table} EXCEPT ALL SELECT {columns} FROM ({query}) q)"
    ).rows


def check_split(dt: dyntables.Client, query: str, released: str = "false", discarded: str = "false") -> None:
    """See that table and quarantine are the definition, split by the rules and by what was decided."""
    bad = f"(({BAD}) IS TRUE AND NOT ({released}))"
    assert off(dt, f"SELECT * FROM ({query}) d WHERE NOT {bad}", "t") == []
    waiting = f"SELECT * FROM ({query}) d WHERE {bad} AND NOT ({discarded})"
    assert off(dt, waiting, "t__quarantine", "id, k, n, w") == []
    listed = "SELECT sum(copies) FROM dyntables.quarantine"
    [(found,)] = dt.execute(f"SELECT count(*) FROM ({query}) d WHERE ({BAD}) IS TRUE").rows
    assert (dt.execute(listed).rows[0][0] or 0) == found
    above = "SELECT w, count(*) AS rows, sum(n) AS n FROM t GROUP BY w"
    assert off(dt, above, "above") == []


def waits(dt: dyntables.Client, query: str) -> tuple[int, int]:
    """Return how many rows the first rule is about, and how many break it."""
    [row] = dt.execute(f"SELECT count(*), count(*) FILTER (WHERE (n > 0 OR w = 'b') IS FALSE) FROM ({query}) d").rows
    return row[0], row[1]


@pytest.mark.parametrize(
    ("mode", "query"),
    [
        ("INCREMENTAL", "SELECT id, k, n, w FROM s"),
        ("INCREMENTAL", "SELECT s.id, s.k, s.n, s.w FROM s JOIN other ON s.n >= other.key"),
        ("INCREMENTAL", "SELECT min(id) AS id, k, sum(n)::integer AS n, max(w) AS w FROM s GROUP BY k"),
        ("FULL", "SELECT s.id, s.k, s.n, s.w FROM s JOIN other ON s.n >= other.key"),
    ],
)
def test_the_definition_is_split(dt: dyntables.Client, mode: str, query: str) -> None:
    rng = random.Random(5)
    make(dt, mode, query)
    did = set()
    for number in range(12):
        dt.execute(change(rng) if number else "SELECT")
        done = dt.execute("ALTER DYNAMIC TABLE above REFRESH").refreshes
        did.add(done[0].action)
        assert mode == "FULL" or (done[0].reason == "QUARANTINE_CHANGED") == (number == 0)
        if number:
            assert done[1].action in ("INCREMENTAL", "NO_DATA")
        check_split(dt, query)
        assert measured(dt)["q0"] == waits(dt, query)
        [row] = dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows
        assert row[1]
    assert mode in did
    # Also where nothing changes but what waits.
    dt.execute("INSERT INTO s (k, n, w) VALUES (9, 0, 'a')")
    done = dt.execute("ALTER DYNAMIC TABLE above REFRESH").refreshes
    assert done[0].action == mode
    assert mode == "FULL" or done[0].rows_inserted > 0
    check_split(dt, query)
    assert measured(dt)["q0"] == waits(dt, query)
    failed = waits(dt, query)[1]
    dt.execute("CREATE QUALITY RULE known ON t CHECK expression(n > 0 OR w = 'b')")
    found = {row[0]: row[4] for row in dt.execute("CHECK QUALITY OF t").rows}
    assert (found["q0"], found["known"]) == (failed, failed)


def test_a_row_comes_back_when_it_is_good(dt: dyntables.Client) -> None:
    query = "SELECT id, k, n, w FROM s"
    make(dt, "INCREMENTAL", query)
    dt.execute("ALTER DYNAMIC TABLE above REFRESH")
    [(row_id, first)] = dt.execute("SELECT id, first_seen FROM t__quarantine ORDER BY id LIMIT 1").rows
    dt.execute("INSERT INTO s (k, n, w) VALUES (9, -9, 'a')")
    dt.execute("ALTER DYNAMIC TABLE above REFRESH")
    [(failed, since, last)] = dt.execute(
        "SELECT failed_rules, first_seen, last_seen FROM t__quarantine WHERE k = 9 AND n = -9"
    ).rows
    assert failed == ["q0", "q1"]
    assert first < since == last
    [(again,)] = dt.execute(f"SELECT first_seen FROM t__quarantine WHERE id = {row_id}").rows
    assert again == first
    dt.execute(f"UPDATE s SET k = 1, n = 100 WHERE id = {row_id}")
    done = dt.execute("ALTER DYNAMIC TABLE above REFRESH").refreshes
    assert [r.action for r in done] == ["INCREMENTAL", "INCREMENTAL"]
    assert dt.execute(f"SELECT n FROM t WHERE id = {row_id}").rows == [(100,)]
    check_split(dt, query)


def test_rows_are_released_and_discarded(dt: dyntables.Client) -> None:
    query = "SELECT id, k, n, w FROM s"
    make(dt, "INCREMENTAL", query)
    dt.execute("ALTER DYNAMIC TABLE above REFRESH")
    waiting = dt.execute("SELECT id FROM t__quarantine ORDER BY id").rows
    assert len(waiting) > 3
    decided_by = ["RELEASE", "DISCARD", "RELEASE"]
    assert dt.execute("ALTER DYNAMIC TABLE t RELEASE QUARANTINE WHERE (id = 2)").rows == [(1,)]
    assert dt.execute("ALTER DYNAMIC TABLE t DISCARD QUARANTINE WHERE (id = 4)").rows == [(1,)]
    assert dt.execute("ALTER DYNAMIC TABLE t RELEASE QUARANTINE WHERE (id = 4)").rows == [(0,)]
    done = dt.execute("ALTER DYNAMIC TABLE above REFRESH").refreshes
    assert [r.action for r in done] == ["NO_DATA", "INCREMENTAL"]
    check_split(dt, query, released="id = 2", discarded="id = 4")
    [row] = dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows
    assert row[1]
    other = "range(k, NULL, 7) WHERE (w <> 'b' AND true)"
    dt.execute(f"CREATE OR REPLACE QUALITY RULE q1 ON t CHECK {other} ON VIOLATION QUARANTINE")
    assert dt.execute("ALTER DYNAMIC TABLE above REFRESH").refreshes[0].action == "REINITIALIZE"
    check_split(dt, query, released="id = 2", discarded="id = 4")
    decided = "SELECT decision, count(*) FROM dyntables.quarantine WHERE decision IS NOT NULL GROUP BY 1 ORDER BY 1"
    assert dt.execute(decided).rows == [("DISCARDED", 1), ("RELEASED", 1)]
    dt.execute("UPDATE s SET n = n - 1 WHERE id = 2")
    dt.execute("ALTER DYNAMIC TABLE above REFRESH")
    check_split(dt, query, discarded="id = 4")
    trail = "SELECT action FROM dyntables.audit_trail WHERE action LIKE '%QUARANTINE' ORDER BY id"
    assert [action for (action,) in dt.execute(trail).rows] == [f"{word} QUARANTINE" for word in decided_by]


def test_rules_that_change_split_anew(dt: dyntables.Client) -> None:
    query = "SELECT id, k, n, w FROM s"
    make(dt, "INCREMENTAL", query)
    dt.execute("ALTER DYNAMIC TABLE above REFRESH")
    check_split(dt, query)
    dt.execute("ALTER QUALITY RULE q0 ON t SUSPEND")
    dt.execute("DROP QUALITY RULE q1 ON t")
    done = dt.execute("ALTER DYNAMIC TABLE above REFRESH").refreshes
    assert [(r.action, r.reason) for r in done] == [("REINITIALIZE", "QUARANTINE_CHANGED"), ("INCREMENTAL", "CHANGES")]
    assert off(dt, query, "t") == []
    assert dt.execute("SELECT to_regclass('t__quarantine'), count(*) FROM dyntables.quarantine").rows == [(None, 0)]
    dt.execute("ALTER QUALITY RULE q0 ON t RESUME")
    dt.execute("ALTER DYNAMIC TABLE above REFRESH")
    assert off(dt, f"SELECT * FROM ({query}) d WHERE (n > 0 OR w = 'b') IS NOT FALSE", "t") == []


def test_the_quarantine_goes_where_its_table_goes(dt: dyntables.Client) -> None:
    make(dt, "INCREMENTAL", "SELECT id, k, n, w FROM s")
    dt.execute("ALTER DYNAMIC TABLE above REFRESH; DROP DYNAMIC TABLE above")
    [(waiting,)] = dt.execute("SELECT count(*) FROM t__quarantine").rows
    count = "SELECT count(*) FROM {}__quarantine"
    dt.execute("ALTER DYNAMIC TABLE t RENAME TO u")
    assert dt.execute(count.format("u")).rows == [(waiting,)]
    dt.execute("CREATE DYNAMIC TABLE v TARGET_LAG = '1 hour' AS SELECT id FROM s")
    dt.execute("ALTER DYNAMIC TABLE u SWAP WITH v")
    assert dt.execute(count.format("v")).rows == [(waiting,)]
    assert dt.execute("SELECT to_regclass('u__quarantine')").rows == [(None,)]
    dt.execute("ALTER VIEW v RENAME TO t")
    dt.execute("INSERT INTO s (k, n, w) VALUES (9, -9, 'a'); ALTER DYNAMIC TABLE t REFRESH")
    dt.execute("DROP DYNAMIC TABLE t")
    assert dt.execute("SELECT count(*) FROM pg_class WHERE relname LIKE '%__quarantine'").rows == [(0,)]
    dt.execute("UNDROP DYNAMIC TABLE t")
    assert dt.execute(count.format("t")).rows == [(waiting + 1,)]
    dt.execute("INSERT INTO s (k, n, w) VALUES (9, -10, 'a'); ALTER DYNAMIC TABLE t REFRESH")
    assert dt.execute(count.format("t")).rows == [(waiting + 2,)]
    dt.execute("CREATE OR REPLACE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS SELECT k + 1 AS k, n, w, 5 AS more FROM s")
    assert dt.execute("SELECT DISTINCT more FROM t__quarantine").rows == [(5,)]
    dt.execute("CREATE OR REPLACE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS SELECT id FROM s")
    assert dt.execute("SELECT count(*) FROM t").rows == dt.execute("SELECT count(*) FROM s").rows
    assert dt.execute("SELECT to_regclass('t__quarantine')").rows == [(None,)]
    assert {row[0] for row in dt.execute("SELECT enabled FROM dyntables.quality_rules").rows} == {False}


def test_what_cannot_be_kept_back_is_refused(dt: dyntables.Client) -> None:
    dt.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS SELECT id, now() AS at, n FROM s")
    rule = "CREATE QUALITY RULE q ON t CHECK {} ON VIOLATION QUARANTINE"
    with pytest.raises(InvalidOptionError, match="row alone"):
        dt.execute(rule.format("range(at, now() - interval '1 day', NULL)"))
    with pytest.raises(InvalidOptionError, match="which rows are bad"):
        dt.execute(rule.format("unique(id)"))
    dt.execute("CREATE TABLE t__quarantine (id integer)")
    with pytest.raises(CatalogError, match="t__quarantine"):
        dt.execute(rule.format("not_null(id)"))
    dt.execute("DROP TABLE t__quarantine")
    dt.execute(rule.format("expression(1 / n > 0)"))
    with pytest.raises(dyntables.DyntablesError, match="cannot be checked"):
        dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    dt.execute("DELETE FROM s WHERE n = 0")
    assert dt.execute("ALTER DYNAMIC TABLE t REFRESH").refreshes[0].state == "SUCCEEDED"
    assert dt.execute("SELECT count(*) FROM t WHERE n <> 1").rows == [(0,)]


def test_a_table_may_begin_with_a_quarantine(dt: dyntables.Client) -> None:
    dt.execute(
        "CREATE DYNAMIC TABLE t (id, n, CONSTRAINT positive EXPECT (n > 0) ON VIOLATION QUARANTINE) "
        "TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT id, n FROM s"
    )
    assert dt.execute("SELECT min(n) FROM t").rows == [(1,)]
    assert dt.execute("SELECT max(n), min(failed_rules) FROM t__quarantine").rows == [(0, ["positive"])]
