"""Whether the scheduler refreshes a dynamic table: suspended, running, failing; the caller owns the transaction."""

from __future__ import annotations

from collections.abc import Iterable

from dyntables.catalog.connection import Connection
from dyntables.catalog.parts.schedule import SuspendReason


def suspend(connection: Connection, ids: Iterable[int], reason: SuspendReason) -> None:
    """Record that tables are suspended, and why, also of those that were for another reason."""
    _suspend(connection, ids, reason, ("RUNNING", "SUSPENDED"))


def suspend_running(connection: Connection, ids: Iterable[int], reason: SuspendReason) -> None:
    """Record that those of the tables are suspended that were not."""
    _suspend(connection, ids, reason, ("RUNNING",))


def _suspend(connection: Connection, ids: Iterable[int], reason: SuspendReason, which: tuple[str, ...]) -> None:
    connection.execute(
        "UPDATE dyntables.dynamic_table SET scheduling_state = 'SUSPENDED', suspend_reason = %s, "
        "suspended_at = clock_timestamp() WHERE id = ANY(%s) AND scheduling_state = ANY(%s)",
        (reason, list(ids), list(which)),
    )


def resume(connection: Connection, ids: Iterable[int]) -> None:
    """Record that tables are refreshed again."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET scheduling_state = 'RUNNING', suspend_reason = NULL WHERE id = ANY(%s)",
        (list(ids),),
    )


def forget_failures(connection: Connection, table_id: int) -> None:
    """Let a table be tried again at once."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET consecutive_failures = 0, retry_at = NULL WHERE id = %s", (table_id,)
    )
