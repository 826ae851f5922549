"""A definition that was stored before operators were written in full is read once more where it was written."""

from __future__ import annotations

import psycopg

import dyntables

QUERY = "SELECT id, a IS DISTINCT FROM b AS other FROM t"


def action(client: dyntables.Client) -> tuple[object, object]:
    result = client.execute("ALTER DYNAMIC TABLE d REFRESH")
    row = dict(zip(result.columns, result.rows[0], strict=True))
    return row["action"], row["reason"]


def test_an_older_installation_becomes_right(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(
            "CREATE EXTENSION citext; CREATE TABLE t (id integer PRIMARY KEY, a citext, b citext); "
            "INSERT INTO t VALUES (1, 'A', 'a'), (2, 'b', 'c')"
        )
        client.execute(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {QUERY}")
    with psycopg.connect(database_url) as connection:
        (of_today,) = connection.execute("SELECT canonical FROM dyntables.dynamic_table").fetchall()
        connection.execute(
            "UPDATE dyntables.dynamic_table SET "
            "canonical = 'SELECT t.id, t.a IS DISTINCT FROM t.b AS other FROM public.t'"
        )
        connection.execute("DELETE FROM dyntables.definition_names")
    with dyntables.connect(database_url) as client:
        assert action(client) == ("REINITIALIZE", "DEFINITION_CHANGED")
        assert client.execute("SELECT canonical FROM dyntables.dynamic_table").rows == [of_today]
        client.execute("UPDATE t SET b = 'B' WHERE id = 2")
        assert action(client) == ("INCREMENTAL", "CHANGES")
        assert client.execute("SELECT other FROM d ORDER BY id").rows == [(False,), (False,)]
        assert action(client) == ("NO_DATA", "NO_CHANGES")
