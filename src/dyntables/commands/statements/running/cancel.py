"""ALTER DYNAMIC TABLE … CANCEL: stop the refresh of a table that runs in any process."""

from __future__ import annotations

import time

import psycopg

from dyntables import clock, locks
from dyntables.commands.alter import find
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import Cancel
from dyntables.errors import CatalogError, EngineError

_PATIENCE_SECONDS = 5.0
_MOMENT_SECONDS = 2.0
_PAUSE_SECONDS = 0.02


def cancel(session: Session, statement: Cancel) -> Result:
    """Cancel the refresh that is at work on a table; its contents stay, the rest of its run goes on.

    A backend between two statements does not hear a cancel request, so it is repeated until the table is let go.

    Raises:
        CatalogError: the table is not being refreshed. EngineError: the refresh did not stop in time.
    """
    connection, table = session.connection, find(session, statement.name)
    first = _found(connection, table.id)
    if first is None:
        raise CatalogError(f'"{table.qualified}" is not being refreshed', detail=_waiting(connection, table.id))
    started = clock.monotonic()
    while clock.monotonic() - started < _PATIENCE_SECONDS:
        connection.execute("SELECT pg_cancel_backend(%s)", (first,))
        time.sleep(_PAUSE_SECONDS)
        if _at_work(connection, table.id) != first:
            elapsed = (clock.monotonic() - started) * 1000
            return Result(
                ["name", "pid", "cancelled_after_ms"], [(table.qualified, first, round(elapsed, 1))], "CANCEL"
            )
    raise EngineError(
        f'the refresh of "{table.qualified}" did not stop within {_PATIENCE_SECONDS:g} seconds',
        hint=f"SELECT pg_terminate_backend({first}) ends its session; the contents stay as they are.",
        retryable=True,
    )


def _found(connection: psycopg.Connection, table_id: int) -> int | None:
    """Return the process that works on a table, or will in a moment: a run that has just begun has only its lock."""
    started = clock.monotonic()
    while (pid := _at_work(connection, table_id)) is None and _waiting(connection, table_id) is not None:
        if clock.monotonic() - started > _MOMENT_SECONDS:
            return None
        time.sleep(_PAUSE_SECONDS)
    return pid


def _at_work(connection: psycopg.Connection, table_id: int) -> int | None:
    """Return the process that works on a table at this moment."""
    row = connection.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ %s "
        "AND pid <> pg_backend_pid()",
        (f"^dyntables {table_id} [A-Z] ",),
    ).fetchone()
    return row[0] if row else None


def _waiting(connection: psycopg.Connection, table_id: int) -> str | None:
    """Say who will work on the table later in a run that goes on."""
    row = connection.execute(
        "SELECT l.pid FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objid = %s "
        "AND l.pid <> pg_backend_pid() "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (locks.REFRESH, table_id),
    ).fetchone()
    return f"Process {row[0]} holds its lock, and works on another table of the same run." if row else None
