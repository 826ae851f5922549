"""The types of a source run no code with the rights of the service: when a log is widened, or analysed."""

from __future__ import annotations

import psycopg
import pytest

import dyntables
from tests.support.refreshes import verified

TYPES = """
CREATE TABLE seen (by text);
CREATE FUNCTION note() RETURNS void LANGUAGE sql AS 'INSERT INTO public.seen VALUES (current_user)';
CREATE FUNCTION apart(a double precision, b double precision) RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS
    'BEGIN PERFORM public.note(); RETURN a - b; END';
CREATE FUNCTION fine(v integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
    'BEGIN PERFORM public.note(); RETURN v IS NOT NULL; END';
CREATE TYPE span AS RANGE (subtype = double precision, subtype_diff = apart);
CREATE DOMAIN amount AS integer NOT NULL CHECK (fine(VALUE));
CREATE DOMAIN price AS amount;
CREATE FUNCTION kind(v integer) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''integer''';
CREATE FUNCTION kind(v price) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''price''';
CREATE TABLE s (id integer PRIMARY KEY, a price NOT NULL, b span, k integer);
INSERT INTO s SELECT i, i, span(i, i + 1), i % 3 FROM generate_series(1, 300) i;
"""


@pytest.mark.pg(15, 18)
def test_logs_run_no_code_of_types(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as writer:
        writer.execute(TYPES)
        client.execute(
            "CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT k, 1 AS n FROM s"
        )
        writer.execute("UPDATE s SET k = k + 1")
        writer.execute("TRUNCATE seen")
        # The log has rows, and is widened by a column that may not be NULL.
        client.execute(
            "CREATE DYNAMIC TABLE u TARGET_LAG = '1 hour' INITIALIZE = ON_SCHEDULE REFRESH_MODE = INCREMENTAL AS "
            "SELECT id, a, b, kind(a) AS type FROM s"
        )
        assert writer.execute("SELECT count(*) FROM seen").fetchone() == (0,)
        client.execute("ALTER DYNAMIC TABLE u REFRESH")
        client.execute(
            "CREATE DYNAMIC TABLE v TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT id, a, type FROM u"
        )
        writer.execute("UPDATE s SET a = a + 1, b = span(0, id)")
        logs = writer.execute(
            "SELECT c.oid::regclass::text FROM pg_class c WHERE relnamespace = 'dyntables_log'::regnamespace "
            "AND relkind = 'r'"
        ).fetchall()
        assert len(logs) >= 3
        writer.execute("TRUNCATE seen")
        for (log,) in logs:
            writer.execute(f"ANALYZE {log}")
        assert writer.execute("SELECT count(*) FROM seen").fetchone() == (0,)
        for name in ("t", "u", "v"):
            row = verified(client, name)
            assert (row["equal"], row["action"]) == (True, "INCREMENTAL"), (name, row)
        assert client.execute("SELECT DISTINCT type FROM v").rows == [("price",)]
