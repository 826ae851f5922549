"""Schemas and relations of the server by their names, and what names lead to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import psycopg

from dyntables.compiler.names import quote_qualified


@dataclass(frozen=True, slots=True)
class Found:
    """A relation that can be selected from."""

    schema: str
    name: str
    is_temporary: bool


def current_schema(connection: psycopg.Connection) -> str:
    """Return the schema in which something without one is made."""
    row = connection.execute("SELECT current_schema()").fetchone()
    return row[0] if row and row[0] else "public"


def search_path(connection: psycopg.Connection) -> str:
    """Return the search path as it was set."""
    row = connection.execute("SELECT current_setting('search_path')").fetchone()
    assert row is not None
    return str(row[0])


def schema_exists(connection: psycopg.Connection, schema: str) -> bool:
    """Tell whether there is such a schema."""
    return connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone() is not None


def kind_of(connection: psycopg.Connection, schema: str, name: str) -> str | None:
    """Return what has a name, in words; None if nothing has."""
    row = connection.execute(
        "SELECT c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relname = %s",
        (schema, name),
    ).fetchone()
    kinds = {"r": "table", "v": "view", "m": "materialized view", "p": "table"}
    return kinds.get(row[0], "relation") if row else None


def relation_exists(connection: psycopg.Connection, *parts: str) -> bool:
    """Tell whether a name leads to a relation."""
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (quote_qualified(*parts),)).fetchone()
    return bool(row and row[0])


def readable_relation(connection: psycopg.Connection, *parts: str) -> Found | None:
    """Return the table or view that a name leads to."""
    row = connection.execute(
        "SELECT n.nspname, c.relname, c.relpersistence = 't' FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.oid = to_regclass(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
        (quote_qualified(*parts),),
    ).fetchone()
    return Found(*row) if row else None


def names_of(connection: psycopg.Connection, oids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return schema and name of those relations that exist."""
    rows = connection.execute(
        "SELECT c.oid::bigint, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.oid = ANY(%s)",
        (list(oids),),
    )
    return {oid: (schema, name) for oid, schema, name in rows}
