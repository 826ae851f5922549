"""Whether the scheduler refreshes a dynamic table: suspended, running, failing; the caller owns the transaction."""

from __future__ import annotations

from dyntables.catalog.connection import Connection


def suspend(connection: Connection, table_id: int, reason: str) -> None:
    """Record that a table is suspended, and why."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET scheduling_state = 'SUSPENDED', suspend_reason = %s, "
        "suspended_at = clock_timestamp() WHERE id = %s",
        (reason, table_id),
    )


def resume(connection: Connection, table_id: int) -> None:
    """Record that a table is refreshed again."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET scheduling_state = 'RUNNING', suspend_reason = NULL WHERE id = %s",
        (table_id,),
    )


def forget_failures(connection: Connection, table_id: int) -> None:
    """Let a table be tried again at once."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET consecutive_failures = 0, retry_at = NULL WHERE id = %s", (table_id,)
    )
