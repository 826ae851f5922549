"""What the server writes is what we read: every word as every kind of name, every operator, every form of a query."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

import dyntables
from dyntables.compiler.plan.text.dialect import generate, parse
from tests.oracle.generation import readings
from tests.support.refreshes import verified


def differing(connection: psycopg.Connection, queries: list[str]) -> list[str]:
    """Return the queries of which the server's text does not survive to be parsed and written."""
    found = []
    for query in queries:
        text = canonical(connection, query)
        try:
            if canonical(connection, generate(parse(text))) != text:
                found.append(query)
        except Exception as error:
            found.append(f"{query}: {type(error).__name__} {error}")
    return found


def canonical(connection: psycopg.Connection, query: str) -> str:
    with connection.transaction(force_rollback=True):
        connection.execute(f"CREATE TEMP VIEW dt_bind AS {query}")  # type: ignore[call-overload]
        row = connection.execute("SELECT pg_get_viewdef('pg_temp.dt_bind'::regclass)").fetchone()
    assert row is not None
    return str(row[0]).rstrip(";")


def in_batches(queries: list[str], size: int) -> Iterator[str]:
    for at in range(0, len(queries), size):
        yield " UNION ALL ".join(f"SELECT 1 AS n FROM ({q}) q" for q in queries[at : at + size])


@pytest.mark.pg(15, 18)
def test_every_operator_and_word_is_read_as_the_server_reads_it(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(readings.SCHEMA)
        connection.execute("SET search_path = ''")
        # The words of both versions are all but the same.
        words = readings.names(connection) if connection.info.server_version >= 180000 else []
        single = [*readings.operators(connection), *words]
        wrong = differing(connection, list(in_batches(single, 50)))
        assert not wrong, differing(connection, single)
        assert not differing(connection, readings.forms(connection))


def test_every_word_names_a_column_that_is_maintained(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as connection:
        words = readings.words(connection)
        names = [readings.quoted(w) for w in words]
        client.execute(f"CREATE TABLE words ({', '.join(f'{n} integer' for n in names)})")
        listed = ", ".join(names)
        known = " + ".join(f"coalesce({n}, 0)" for n in names)
        client.execute(
            "CREATE DYNAMIC TABLE said TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
            f"SELECT {listed}, {known} AS total_of_all FROM words WHERE {names[0]} > 0"
        )
        for number in (1, 0):
            client.execute(f"INSERT INTO words VALUES ({', '.join([str(number)] * len(names))})")
        row = verified(client, "said")
        assert (row["equal"], row["action"]) == (True, "INCREMENTAL")
        assert client.execute("SELECT total_of_all FROM said").rows == [(len(names),)]


def test_operators_and_calls_with_syntax_of_their_own_are_maintained(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE t (id integer PRIMARY KEY, n integer, s text, p point, j jsonb, a integer[])")
        client.execute(
            'CREATE SCHEMA "a b"; CREATE OPERATOR "a b".=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)'
        )
        queries = {
            "before": "SELECT id, @ n AS a, @ (- n) AS b, !! s::tsquery AS q FROM t WHERE + n <> 2",
            "between": "SELECT id FROM t WHERE p ~= point '(1,2)' OR s !~ '^a' OR n OPERATOR(\"a b\".===) 3",
            "sliced": "SELECT id, a[:2] AS x, a[2:] AS y, a[:] AS z FROM t",
            "asked": "SELECT id, JSON_QUERY(j, '$.k' WITH WRAPPER) q, JSON_VALUE(j, '$.k' PASSING n AS x) v FROM t",
            "collected": "SELECT n, JSON_ARRAYAGG(id ORDER BY id DESC RETURNING jsonb) AS ids FROM t GROUP BY n",
            "values_except": "SELECT n FROM t EXCEPT VALUES (1), (2)",
            "unread": "WITH v AS (VALUES (1), (2)) SELECT id FROM t",
            "read": "WITH v (k) AS (VALUES (1), (2)) SELECT t.id, v.k FROM t JOIN v ON v.k = t.n",
        }
        for name, query in queries.items():
            client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}")
        for change in (
            "INSERT INTO t SELECT i, i % 4 - 1, chr(96 + i), point(1, i), jsonb_build_object('k', i), ARRAY[i, 2, 3] "
            "FROM generate_series(1, 9) i",
            "UPDATE t SET n = - n, s = 'a' || s, a = a || id WHERE id % 2 = 0",
            "DELETE FROM t WHERE id > 6",
        ):
            client.execute(change)
            for name in queries:
                row = verified(client, name)
                assert (row["equal"], row["action"]) in ((True, "INCREMENTAL"), (True, "NO_DATA")), (name, change, row)
            assert verified(client, "before")["action"] == "NO_DATA"
