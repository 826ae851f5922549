"""ALTER DYNAMIC TABLE … CANCEL: stop the refresh of a table that runs in any process."""

from __future__ import annotations

import time

from dyntables import clock
from dyntables.catalog import Connection
from dyntables.commands.command import Command
from dyntables.commands.naming import find
from dyntables.commands.rights import Privilege
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import Cancel
from dyntables.engines.postgres.connection.processes import cancel_process, end_process, refreshing_process
from dyntables.engines.postgres.locking.held import holder_of
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
        cancel_process(connection, first)
        time.sleep(_PAUSE_SECONDS)
        if refreshing_process(connection, table.id) != first:
            elapsed = (clock.monotonic() - started) * 1000
            return Result(
                ["name", "pid", "cancelled_after_ms"], [(table.qualified, first, round(elapsed, 1))], "CANCEL"
            )
    raise EngineError(
        f'the refresh of "{table.qualified}" did not stop within {_PATIENCE_SECONDS:g} seconds',
        hint=f"{end_process(first)} ends its session; the contents stay as they are.",
        retryable=True,
    )


def _found(connection: Connection, table_id: int) -> int | None:
    """Return the process that works on a table, or will in a moment: a run that has just begun has only its lock."""
    started = clock.monotonic()
    while (pid := refreshing_process(connection, table_id)) is None and _waiting(connection, table_id) is not None:
        if clock.monotonic() - started > _MOMENT_SECONDS:
            return None
        time.sleep(_PAUSE_SECONDS)
    return pid


def _waiting(connection: Connection, table_id: int) -> str | None:
    """Say who will work on the table later in a run that goes on."""
    holder = holder_of(connection, table_id)
    if holder is None:
        return None
    return f"Process {holder} holds its lock, and works on another table of the same run."


COMMAND = Command(Cancel, cancel, needs=Privilege.OPERATE)
