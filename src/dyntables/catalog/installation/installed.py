"""The dynamic tables of a database as whoever takes dyntables away sees them, whatever version the catalog has."""

from __future__ import annotations

from dataclasses import dataclass

from dyntables import locks
from dyntables.catalog.connection import Connection

SCHEMAS = ("dyntables", "dyntables_data", "dyntables_log", "dyntables_snowflake")


@dataclass(frozen=True, slots=True)
class Installed:
    """A dynamic table as the server knows it; the name is that of its view at present."""

    id: int
    view_oid: int
    schema: str
    name: str
    owner: str
    filled: bool
    comment: str | None


def installed_tables(connection: Connection) -> list[Installed]:
    """Return the dynamic tables of a database whose views are there."""
    if not _has_tables(connection):
        return []
    rows = connection.execute(
        "SELECT t.id, c.oid::bigint, n.nspname, c.relname, pg_get_userbyid(c.relowner)::text, "
        "t.data_timestamp IS NOT NULL, t.comment FROM dyntables.dynamic_table t JOIN pg_class c ON c.oid = t.view_oid "
        "AND c.relkind = 'v' JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY t.id"
    )
    return [Installed(*row) for row in rows]


def present_schemas(connection: Connection) -> list[str]:
    """Return which of our schemas are there: somebody may have dropped some by hand."""
    rows = connection.execute(
        "SELECT nspname::text FROM pg_namespace WHERE nspname = ANY(%s) ORDER BY 1", (list(SCHEMAS),)
    )
    return [name for (name,) in rows]


def hold_all(connection: Connection) -> bool:
    """Keep installations, schedulers, refreshes and statements off until the transaction ends.

    Returns:
        False if a scheduler is at work: then nothing more is held.
    """
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (locks.MIGRATION,))
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (locks.LEADER,)).fetchone()
    if row is None or not row[0]:
        return False
    if _has_tables(connection):
        # As all do who change tables: these locks first. What is made meanwhile is locked out by the second.
        connection.execute(
            "SELECT pg_advisory_xact_lock(%s, id::integer) FROM (SELECT id FROM dyntables.dynamic_table ORDER BY id) t",
            (locks.REFRESH,),
        )
        connection.execute("LOCK TABLE dyntables.dynamic_table IN EXCLUSIVE MODE")
    return True


def column_comments(connection: Connection, table_id: int) -> list[tuple[str, str]]:
    """Return the columns of a dynamic table that have comments, with these."""
    return connection.execute(_COLUMN_COMMENTS, (table_id,)).fetchall()


def _has_tables(connection: Connection) -> bool:
    row = connection.execute("SELECT to_regclass('dyntables.dynamic_table') IS NOT NULL").fetchone()
    return bool(row and row[0])


_COLUMN_COMMENTS = """
SELECT column_name, to_jsonb(c) ->> 'comment' FROM dyntables.dynamic_table_column c
WHERE dynamic_table_id = %s AND to_jsonb(c) ->> 'comment' IS NOT NULL ORDER BY position
"""
