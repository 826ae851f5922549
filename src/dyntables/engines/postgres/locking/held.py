"""The advisory locks under which a table is refreshed, or changed in what it is."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from dyntables import locks


def hold_refreshes(connection: psycopg.Connection, tables: Sequence[int]) -> None:
    """Wait for the refreshes of tables, in this order, and let no other begin, for the session."""
    connection.execute("SELECT pg_advisory_lock(%s, i) FROM unnest(%s::integer[]) i", (locks.REFRESH, list(tables)))


def release_refreshes(connection: psycopg.Connection, tables: Sequence[int]) -> None:
    """Let refreshes of tables begin again; what is not held is left alone."""
    connection.execute("SELECT pg_advisory_unlock(%s, i) FROM unnest(%s::integer[]) i", (locks.REFRESH, list(tables)))


def holder_of(connection: psycopg.Connection, table_id: int) -> int | None:
    """Return the process, of another session, that holds the lock of a table."""
    row = connection.execute(
        "SELECT l.pid FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objid = %s "
        "AND l.pid <> pg_backend_pid() "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (locks.REFRESH, table_id),
    ).fetchone()
    return row[0] if row else None
