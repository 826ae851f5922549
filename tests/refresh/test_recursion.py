"""Recursions: what they follow, what makes them be built anew, and that they end where the server's do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import dyntables

_TREE = (
    "WITH RECURSIVE r AS (SELECT id FROM part WHERE parent IS NULL UNION ALL "
    "SELECT p.id FROM r JOIN part p ON p.parent = r.id) SELECT id FROM r"
)
_WALK = (
    "WITH RECURSIVE r AS (SELECT id FROM part WHERE parent IS NULL {union} "
    "SELECT e.b FROM r JOIN edge e ON e.a = r.id) SELECT id FROM r"
)


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE part (id integer PRIMARY KEY, parent integer, name text)")
        client.execute("CREATE TABLE edge (a integer, b integer, label text)")
        client.execute("INSERT INTO part VALUES (1, NULL), (2, 1); INSERT INTO edge VALUES (1, 2)")
        yield client


def create(dt: dyntables.Client, query: str) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}")


def refreshed(dt: dyntables.Client) -> str:
    """Refresh the table, compare it with its definition, and return what was done, or else why it was built anew."""
    result = dt.execute("ALTER DYNAMIC TABLE t VERIFY")
    row = dict(zip(result.columns, result.rows[0], strict=True))
    assert row["equal"], row
    if row["action"] != "REINITIALIZE":
        return str(row["action"])
    history = "SELECT refresh_reason FROM dyntables.refresh_history ORDER BY refresh_id DESC LIMIT 1"
    return str(dt.execute(history).rows[0][0])


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("union", ["UNION", "UNION ALL"])
def test_rows_do_not_stay_that_follow_only_from_themselves(dt: dyntables.Client, union: str) -> None:
    create(dt, _WALK.format(union=union))
    # The base loses 1, and the step would give it again: the changes sum to nothing.
    dt.execute("DELETE FROM part WHERE id = 1; INSERT INTO edge VALUES (1, 1)")
    assert refreshed(dt) == "RECURSION_NEEDS_REBUILD"
    assert dt.execute("SELECT count(*) FROM t").rows == [(0,)]
    dt.execute("DELETE FROM edge WHERE b = 1; INSERT INTO part VALUES (1, NULL)")
    refreshed(dt)
    # One step loses 2, and another would give it again.
    dt.execute("DELETE FROM edge; INSERT INTO edge VALUES (2, 2)")
    assert refreshed(dt) == "RECURSION_NEEDS_REBUILD"
    assert dt.execute("SELECT id FROM t").rows == [(1,)]


def test_cycles_end_where_the_server_ends_them(dt: dyntables.Client) -> None:
    create(dt, _WALK.format(union="UNION"))
    for edges in ("(2, 1)", "(2, 2), (2, 3), (3, 1)", "(3, NULL), (NULL, 3)", "(1, 2), (1, 2)"):
        dt.execute(f"INSERT INTO edge VALUES {edges}")
        assert refreshed(dt) == "INCREMENTAL"
    assert dt.execute("SELECT count(*) FROM t").rows == [(4,)]


def test_copies_are_counted(dt: dyntables.Client) -> None:
    create(dt, _WALK.format(union="UNION ALL"))
    dt.execute("INSERT INTO edge VALUES (1, 2), (2, 3)")
    assert refreshed(dt) == "INCREMENTAL"
    dt.execute("INSERT INTO edge VALUES (2, 3), (3, 4)")
    assert refreshed(dt) == "INCREMENTAL"
    assert dt.execute("SELECT id, count(*) FROM t GROUP BY id ORDER BY id").rows == [(1, 1), (2, 2), (3, 4), (4, 4)]


def test_only_what_the_recursion_sees_counts(dt: dyntables.Client) -> None:
    create(dt, _TREE)
    dt.execute("INSERT INTO part VALUES (3, 2), (4, 3); UPDATE part SET name = 'x'")
    dt.execute("UPDATE part SET parent = 9 WHERE id = 2; UPDATE part SET parent = 1 WHERE id = 2")
    dt.execute("INSERT INTO part VALUES (8, 1); DELETE FROM part WHERE id = 8")
    assert refreshed(dt) == "INCREMENTAL"
    dt.execute("UPDATE part SET parent = 1 WHERE id = 4")
    assert refreshed(dt) == "RECURSION_NEEDS_REBUILD"
    dt.execute("INSERT INTO part VALUES (5, 4)")
    assert refreshed(dt) == "INCREMENTAL"


def test_a_match_that_takes_rows_away(dt: dyntables.Client) -> None:
    without = "AND NOT EXISTS (SELECT FROM edge e WHERE e.a = p.id AND e.label = 'no')"
    create(dt, _TREE.replace("= r.id)", f"= r.id {without})"))
    dt.execute("INSERT INTO part VALUES (3, 2); INSERT INTO edge VALUES (2, 0, 'yes')")
    assert refreshed(dt) == "INCREMENTAL"
    dt.execute("INSERT INTO edge VALUES (2, 0, 'no')")
    assert refreshed(dt) == "RECURSION_NEEDS_REBUILD"
    assert dt.execute("SELECT id FROM t").rows == [(1,)]


def test_long_texts_are_joined_by_their_hash(dt: dyntables.Client) -> None:
    create(
        dt,
        "WITH RECURSIVE r AS (SELECT label FROM edge WHERE a = 1 UNION SELECT e.label || 'x' FROM r "
        "JOIN edge e ON e.label = r.label WHERE e.a > 1) SELECT length(label) AS n FROM r",
    )
    # Repetition would be compressed until it fits into an index.
    long = "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 500) i)"
    for a in (1, 2):
        dt.execute(f"INSERT INTO edge VALUES ({a}, 0, {long})")
        assert refreshed(dt) == "INCREMENTAL"
    assert dt.execute("SELECT max(n) FROM t").rows == [(16001,)]
