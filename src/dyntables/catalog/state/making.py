"""A mark on a table that a session is making and fills itself, so that the scheduler leaves the table to it.

The mark is an advisory lock for which nobody waits. It ends with the session: should that break off, the scheduler
fills the table.
"""

from __future__ import annotations

import psycopg

from dyntables import locks


def mark(connection: psycopg.Connection, table_id: int) -> None:
    """Mark a table; do it before the table can be seen."""
    connection.execute("SELECT pg_advisory_lock(%s, %s)", (locks.MAKING, table_id))


def unmark(connection: psycopg.Connection, table_id: int) -> None:
    """Take the mark away, if the session still lives."""
    if not connection.closed:
        connection.execute("SELECT pg_advisory_unlock(%s, %s)", (locks.MAKING, table_id))


def being_made(connection: psycopg.Connection) -> set[int]:
    """Return the tables that sessions are making at present."""
    rows = connection.execute(
        "SELECT l.objid::bigint FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
        "WHERE l.locktype = 'advisory' AND l.classid = %s::bigint::oid AND l.objsubid = 2 AND l.granted "
        "AND d.datname = current_database()",
        (locks.MAKING,),
    )
    return {table_id for (table_id,) in rows}
