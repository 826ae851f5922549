"""What a definition calls is replaced: the next refresh computes its table anew, and no other one."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

import dyntables
from dyntables.catalog import store
from dyntables.refresh.choice.idle import skip_unchanged

SCHEMA = """
CREATE TABLE t (id integer PRIMARY KEY, n integer, s text);
CREATE FUNCTION base(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n + 1;
CREATE FUNCTION parsed(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN base(n) * 2;
CREATE FUNCTION quoted(n integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
    $$ BEGIN RETURN public.parsed(n) + 1; END $$;
CREATE FUNCTION alone(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n';
CREATE FUNCTION alike(n integer, s text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n::text = s';
CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = text, FUNCTION = alike);
CREATE FUNCTION signed(n integer, s text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
    $$ BEGIN RETURN n OPERATOR(public.===) s; END $$;
CREATE FUNCTION "Größe 1"(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n';
CREATE FUNCTION sized(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT public."Größe 1"(n)';
CREATE TYPE packed AS (n integer);
CREATE FUNCTION pack(n integer) RETURNS packed LANGUAGE sql IMMUTABLE AS 'SELECT ROW(n)::public.packed';
CREATE CAST (integer AS packed) WITH FUNCTION pack(integer);
CREATE FUNCTION unpacked(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT (n::public.packed).n';
CREATE FUNCTION plus(a integer, b integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE AGGREGATE total(integer) (SFUNC = plus, STYPE = integer, INITCOND = '0');
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE FUNCTION to_mood(n integer) RETURNS mood LANGUAGE sql IMMUTABLE AS $$ SELECT 'low'::public.mood $$;
CREATE CAST (integer AS mood) WITH FUNCTION to_mood(integer);
CREATE FUNCTION fine(n integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n < 100';
CREATE DOMAIN small AS integer CHECK (fine(value));
CREATE VIEW below AS SELECT id, parsed(n) AS n FROM t;
CREATE TEXT SEARCH CONFIGURATION words (COPY = simple);
INSERT INTO t SELECT i, i % 3, i::text FROM generate_series(1, 5) i;
"""
DEFINITIONS = {
    "by_name": "SELECT id, base(n) AS v FROM t",
    "by_body": "SELECT id, parsed(n) AS v FROM t",
    "by_text": "SELECT id, quoted(n) AS v FROM t",
    "by_view": "SELECT id, n AS v FROM below",
    "by_itself": "SELECT id, alone(n) AS v FROM t",
    "by_operator": "SELECT id FROM t WHERE n === s",
    "by_sign": "SELECT id FROM t WHERE signed(n, s)",
    "by_quotes": "SELECT id, sized(n) AS v FROM t",
    "by_cast_inside": "SELECT id, unpacked(n) AS v FROM t",
    "by_aggregate": "SELECT s, total(n) AS v FROM t GROUP BY s",
    "by_cast": "SELECT id, n::mood::text AS v FROM t",
    "by_domain": "SELECT id, n::small AS v FROM t",
    "by_words": "SELECT id, to_tsvector('words', s || ' the') AS v FROM t",
    "by_nothing": "SELECT id, upper(s) AS v FROM t",
}
BASE = {"by_name", "by_body", "by_text", "by_view"}
_IMMUTABLE = "CREATE OR REPLACE FUNCTION {} LANGUAGE {} IMMUTABLE {}"


def replaced(signature: str, body: str, language: str = "sql") -> str:
    return _IMMUTABLE.format(signature, language, body)


# A change, and the tables that it concerns.
CHANGES: list[tuple[str, set[str]]] = [
    (replaced("base(n integer) RETURNS integer", "RETURN n + 5"), BASE),
    (replaced("parsed(n integer) RETURNS integer", "RETURN base(n) * 3"), BASE - {"by_name"}),
    (replaced("parsed(n bigint) RETURNS integer", "RETURN 1"), {"by_text"}),
    (replaced("alone(n integer) RETURNS integer", "AS 'BEGIN RETURN 7; END'", "plpgsql"), {"by_itself"}),
    ("ALTER FUNCTION alone(integer) STRICT", {"by_itself"}),
    ("ALTER FUNCTION alone(integer) SET search_path = public", {"by_itself"}),
    ("ALTER FUNCTION alone(integer) COST 10; GRANT EXECUTE ON FUNCTION alone TO PUBLIC", set()),
    (replaced("alike(n integer, s text) RETURNS boolean", "AS 'SELECT true'"), {"by_operator", "by_sign"}),
    (replaced('"Größe 1"(n integer) RETURNS integer', "AS 'SELECT n + 3'"), {"by_quotes"}),
    (replaced("pack(n integer) RETURNS packed", "AS 'SELECT ROW(n + 1)::public.packed'"), {"by_cast_inside"}),
    (replaced("plus(a integer, b integer) RETURNS integer", "AS 'SELECT a + b + 1'"), {"by_aggregate"}),
    ("CREATE OR REPLACE AGGREGATE total(integer) (SFUNC = plus, STYPE = integer, INITCOND = '9')", {"by_aggregate"}),
    (replaced("to_mood(n integer) RETURNS mood", "AS $$ SELECT 'high'::public.mood $$"), {"by_cast"}),
    ("ALTER TYPE mood ADD VALUE 'middle' BEFORE 'high'", set()),
    (replaced("fine(n integer) RETURNS boolean", "AS 'SELECT n < 200'"), {"by_domain"}),
    ("ALTER DOMAIN small ADD CHECK (value < 300)", {"by_domain"}),
    ("ALTER TEXT SEARCH CONFIGURATION words ALTER MAPPING REPLACE simple WITH english_stem", {"by_words"}),
    (replaced("other(n integer) RETURNS integer", "RETURN 1"), set()),
]


@pytest.fixture
def client(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute(SCHEMA)
        for name, query in DEFINITIONS.items():
            client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' AS {query}")
        yield client


def refreshed(client: dyntables.Client) -> dict[str, tuple[str, str]]:
    result = client.execute(f"ALTER DYNAMIC TABLE {', '.join(DEFINITIONS)} REFRESH")
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    assert {row["state"] for row in rows} == {"SUCCEEDED"}
    return {row["name"].removeprefix("public."): (row["action"], row["reason"]) for row in rows}


def wrong(client: dyntables.Client) -> list[str]:
    """Return the tables that differ from their definitions, as printed."""
    found = []
    for name, query in DEFINITIONS.items():
        table, definition = f"SELECT x::text FROM {name} x", f"SELECT x::text FROM ({query}) x"
        differ = f"({table} EXCEPT ALL {definition}) UNION ALL ({definition} EXCEPT ALL {table})"
        if client.execute(differ).rows:
            found.append(name)
    return found


@pytest.mark.pg(15, 18)
def test_what_is_replaced_is_computed_anew(client: dyntables.Client, database_url: str) -> None:
    new, idle = ("REINITIALIZE", "FUNCTION_CHANGED"), ("NO_DATA", "NO_CHANGES")
    with psycopg.connect(database_url, autocommit=True) as connection:
        modes = connection.execute("SELECT DISTINCT effective_mode FROM dyntables.dynamic_table").fetchall()
        assert modes == [("INCREMENTAL",)]
        for change, concerned in CHANGES:
            client.execute(change)
            tables = store.load_all(connection)
            still = {tables[i].name for i in skip_unchanged(connection, tables, tables)}
            assert still == set(DEFINITIONS) - concerned, change
            assert refreshed(client) == {n: new if n in concerned else idle for n in DEFINITIONS}, change
            assert wrong(client) == [], change
        client.execute("INSERT INTO t VALUES (6, 2, 'the last')")
        assert set(refreshed(client).values()) == {("INCREMENTAL", "CHANGES")}
        assert wrong(client) == []


def test_a_function_that_becomes_unsteady_makes_its_table_full(client: dyntables.Client) -> None:
    client.execute("ALTER FUNCTION alone(integer) STABLE")
    assert refreshed(client)["by_itself"] == ("FULL", "NOT_INCREMENTAL")
    assert refreshed(client)["by_itself"] == ("FULL", "FULL_MODE")


def test_tables_from_before_learn_what_they_call(client: dyntables.Client) -> None:
    client.execute("UPDATE dyntables.dynamic_table SET code = NULL")
    assert set(refreshed(client).values()) == {("NO_DATA", "NO_CHANGES")}
    client.execute(CHANGES[0][0])
    assert {n for n, (_, reason) in refreshed(client).items() if reason == "FUNCTION_CHANGED"} == BASE
    assert wrong(client) == []
