"""SWAP WITH exchanges names; tables above follow the names, and equal their definitions at the next refresh."""

from __future__ import annotations

import threading

import psycopg
import pytest

import dyntables
from dyntables.errors import CatalogError, CycleError, DependentObjectsError, InvalidOptionError
from tests.evolve.support import LAG, rows
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)

INCREMENTAL = f"{LAG} REFRESH_MODE = INCREMENTAL"


@pytest.fixture
def pair(dt: dyntables.Client) -> dyntables.Client:
    dt.execute(f"CREATE DYNAMIC TABLE a {INCREMENTAL} AS SELECT k, sum(v) AS n FROM s WHERE v < 5 GROUP BY k")
    dt.execute(f"CREATE DYNAMIC TABLE b {INCREMENTAL} AS SELECT k, sum(v) AS n FROM s WHERE v >= 5 GROUP BY k")
    return dt


def test_names_are_exchanged_and_everything_else_stays(pair: dyntables.Client) -> None:
    a, b = rows(pair, "a"), rows(pair, "b")
    pair.execute("CREATE VIEW plain AS SELECT * FROM a")
    pair.execute("ALTER DYNAMIC TABLE a SWAP WITH b")
    assert (rows(pair, "a"), rows(pair, "b")) == (b, a)
    # PostgreSQL's own views stay with the table, not with the name.
    assert rows(pair, "plain") == a
    pair.execute("INSERT INTO s VALUES (100, 'k9', 1), (101, 'k9', 50)")
    assert refreshed(pair, "a") == ("INCREMENTAL", "CHANGES")
    assert refreshed(pair, "b") == ("INCREMENTAL", "CHANGES")
    assert ("k9", 50) in rows(pair, "a")
    trail = pair.execute(
        "SELECT object, old ->> 'table_name', new ->> 'table_name' FROM dyntables.audit_trail WHERE action = 'SWAP'"
    )
    assert sorted(trail.rows) == [("public.a", "b", "a"), ("public.b", "a", "b")]


def test_tables_above_follow_the_name(pair: dyntables.Client) -> None:
    pair.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT max(n) AS m FROM a")
    pair.execute(f"CREATE DYNAMIC TABLE both {INCREMENTAL} AS SELECT a.k, a.n - b.n AS d FROM a JOIN b ON a.k = b.k")
    pair.execute(f"CREATE DYNAMIC TABLE top {INCREMENTAL} AS SELECT m + 1 AS m FROM above")
    pair.execute(f"CREATE DYNAMIC TABLE full_above {LAG} REFRESH_MODE = FULL AS SELECT k FROM a")
    pair.execute("INSERT INTO s VALUES (100, 'k1', 1), (101, 'k2', 50)")
    result = pair.execute("ALTER DYNAMIC TABLE a SWAP WITH b")
    assert len(result.notices) == 3
    for name in ("above", "both"):
        assert refreshed(pair, name) == ("REINITIALIZE", "SOURCE_ALTERED")
    # What is above those is served by the difference.
    assert refreshed(pair, "top") == ("INCREMENTAL", "CHANGES")
    assert refreshed(pair, "full_above") == ("FULL", "FULL_MODE")
    pair.execute("INSERT INTO s VALUES (102, 'k1', 2), (103, 'k2', 60)")
    for name in ("above", "both", "top"):
        assert refreshed(pair, name) == ("INCREMENTAL", "CHANGES")
    inputs = pair.execute("SELECT inputs FROM dyntables.graph WHERE name = 'above'").rows[0][0]
    assert [i["name"] for i in inputs] == ["public.a"]
    # And back again.
    pair.execute("ALTER DYNAMIC TABLE b SWAP WITH a")
    pair.execute("DELETE FROM s WHERE v = 60")
    assert refreshed(pair, "both") == ("REINITIALIZE", "SOURCE_ALTERED")
    assert refreshed(pair, "above") == ("REINITIALIZE", "SOURCE_ALTERED")
    assert refreshed(pair, "top") in (("INCREMENTAL", "CHANGES"), ("NO_DATA", "NO_CHANGES"))


def test_what_reads_through_a_plain_view_follows_the_table(pair: dyntables.Client) -> None:
    pair.execute("CREATE VIEW plain AS SELECT * FROM a")
    pair.execute(f"CREATE DYNAMIC TABLE above {INCREMENTAL} AS SELECT max(n) AS m FROM plain")
    before = rows(pair, "above")
    pair.execute("ALTER DYNAMIC TABLE a SWAP WITH b")
    assert refreshed(pair, "above")[0] == "REINITIALIZE"
    assert rows(pair, "above") == before
    pair.execute("INSERT INTO s VALUES (100, 'k1', 4)")
    assert refreshed(pair, "above") == ("INCREMENTAL", "CHANGES")


def test_between_schemas(pair: dyntables.Client) -> None:
    pair.execute("CREATE SCHEMA other; ALTER DYNAMIC TABLE b RENAME TO other.c")
    a, c = rows(pair, "a"), rows(pair, "other.c")
    pair.execute("ALTER DYNAMIC TABLE a SWAP WITH other.c")
    assert (rows(pair, "a"), rows(pair, "other.c")) == (c, a)
    pair.execute("INSERT INTO s VALUES (100, 'k1', 4)")
    assert refreshed(pair, "other.c") == ("INCREMENTAL", "CHANGES")


def test_what_cannot_be_swapped_stays(pair: dyntables.Client) -> None:
    pair.execute(f"CREATE DYNAMIC TABLE reads_a {INCREMENTAL} AS SELECT k, n FROM a")
    pair.execute(f"CREATE DYNAMIC TABLE narrow {LAG} AS SELECT k FROM s")
    pair.execute(f"CREATE DYNAMIC TABLE other_types {LAG} AS SELECT k, 1 AS n FROM s")
    pair.execute("CREATE DYNAMIC TABLE lazy TARGET_LAG = '2 days' AS SELECT k, sum(v) AS n FROM s GROUP BY k")
    before = rows(pair, "a")
    for statement, error, message in (
        ("a SWAP WITH a", CatalogError, "with itself"),
        ("a SWAP WITH s", CatalogError, "is not a dynamic table"),
        ("a SWAP WITH reads_a", CycleError, "depend on itself"),
        ("a SWAP WITH narrow", DependentObjectsError, "could not be read any more"),
        ("a SWAP WITH other_types", DependentObjectsError, "columns of other types"),
        ("a SWAP WITH lazy", InvalidOptionError, "target lag"),
    ):
        with pytest.raises(error, match=message):
            pair.execute(f"ALTER DYNAMIC TABLE {statement}")
    assert rows(pair, "a") == before
    pair.execute("INSERT INTO s VALUES (100, 'k9', 1)")
    assert refreshed(pair, "reads_a") == ("INCREMENTAL", "CHANGES")


def test_readers_never_see_an_error_or_an_empty_table(pair: dyntables.Client, database_url: str) -> None:
    stop, seen, errors = threading.Event(), set(), []

    def look() -> None:
        with psycopg.connect(database_url, autocommit=True) as reader:
            while not stop.is_set():
                try:
                    seen.add(reader.execute("SELECT sum(n) FROM a").fetchone())
                except psycopg.Error as error:
                    errors.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for _ in range(15):
            pair.execute("ALTER DYNAMIC TABLE a SWAP WITH b")
    finally:
        stop.set()
        thread.join()
    assert errors == []
    assert seen == {(10,), (35,)}
