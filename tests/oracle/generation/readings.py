"""Queries with every word and operator that a server knows, and with every form that its text may take."""

from __future__ import annotations

from pathlib import Path

import psycopg

FORMS = Path(__file__).with_name("forms.sql")

SCHEMA = """
CREATE SCHEMA "a b";
CREATE TYPE public.mood AS ENUM ('low', 'high');
CREATE TYPE public.pair AS (a integer, b integer);
CREATE OPERATOR "a b".=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE OPERATOR public.!!! (RIGHTARG = int, FUNCTION = int4abs);
CREATE TABLE public.t (n int, s text, d date, ts timestamp, tz timestamptz, b boolean, a int[], j jsonb, p pair);
"""

# Key words of other languages that a parser of many may know, and names that need quotes.
_OTHERS = """
    qualify pivot unpivot apply anti semi asof glob rlike regexp xor describe kill straight_join percent settings use
    lateral list map struct variant object string bytes blob datetime tinyint uint8 int64 timestamp_ntz geography point
    top minus connect prior sysdate nvl iff if date_trunc count sum found epoch array_agg unnest rank now log mod
""".split()  # noqa: SIM905
_AWKWARD = ["Order", "a b", "x.y", 'q"q', "1st", "größe"]

_CONCRETE = {
    "anyarray": "integer[]", "anycompatiblearray": "integer[]", "anyelement": "integer", "anycompatible": "integer",
    "anynonarray": "integer", "anycompatiblenonarray": "integer", "anyrange": "int4range", "record": "public.pair",
    "anymultirange": "int4multirange", "anycompatiblerange": "int4range", "anyenum": "public.mood",
}  # fmt: skip


def quoted(name: str) -> str:
    """Return a name in quotes."""
    return '"' + name.replace('"', '""') + '"'


def words(connection: psycopg.Connection) -> list[str]:
    """Return the key words of a server, those of other languages, and awkward names."""
    rows = connection.execute("SELECT word FROM pg_get_keywords() ORDER BY word").fetchall()
    return list(dict.fromkeys([*(row[0] for row in rows), *_OTHERS, *_AWKWARD]))


def names(connection: psycopg.Connection) -> list[str]:
    """Return queries for each word, which is in them a column, an alias of a table, a WITH query and a literal."""
    queries = []
    for word in words(connection):
        q, said = quoted(word), "'" + word + "'"
        given = f"(SELECT 1 AS {q}, 2 AS x) {q}"
        queries.append(
            f"SELECT {q}.{q} AS a, - {q}.{q} AS b, max({q}.x) OVER (PARTITION BY {q}.{q} ORDER BY {q}.x) AS c, "
            f"{q}.x + 1 AS {q} FROM {given} JOIN (SELECT 1 AS k) j ({q}) USING ({q}) WHERE {q}.x IN (1, {q}.{q})"
        )
        queries.append(
            f"SELECT {q}, x FROM (SELECT 1 AS {q}, 2 AS x) y WHERE {q} > 0 AND ({q} + 1) IS NOT NULL"
            f" AND {q}::text <> {said} AND {q}::text IN ({said}, 'b') AND {q}::text <> ({said} || {said})"
        )
        # The server's own text of this one is not what it reads again.
        if word != "recursive":
            queries.append(f"WITH {q} ({q}) AS (SELECT 1) SELECT {q}.{q} FROM {q}")
    return queries


def operators(connection: psycopg.Connection) -> list[str]:
    """Return a query for each operator of the server."""
    rows = connection.execute(
        "SELECT DISTINCT oprname, nullif(oprleft, 0)::regtype::text, oprright::regtype::text FROM pg_operator "
        "WHERE oprnamespace = 'pg_catalog'::regnamespace ORDER BY 1, 2, 3"
    ).fetchall()
    queries = []
    for name, left, right in rows:
        operands = [_CONCRETE.get(t, t) for t in (left or "integer", right)]
        call = f"a {name} b" if left else f"{name} b"
        queries.append(
            f"SELECT {call} AS c, ({call}) IS NULL AS d FROM "
            f"(SELECT NULL::{operands[0]} AS a, NULL::{operands[1]} AS b) o WHERE b IS NULL"
        )
    return queries


def forms(connection: psycopg.Connection) -> list[str]:
    """Return queries with the forms of syntax that the server knows."""
    since, found = 0, []
    for line in FORMS.read_text().splitlines():
        if line.startswith("-- ") and line[3:].isdigit():
            since = int(line[3:]) * 10000
        elif not line.startswith("--") and connection.info.server_version >= since:
            found.append(line)
    return found
