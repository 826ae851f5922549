"""The server's processes that refresh: how they show what they do, and how they are told to stop.

A process shows it in its ``application_name``. The view ``dyntables.refresh_progress`` reads the whole of it.
"""

from __future__ import annotations

import psycopg

_AT_WORK = "^dyntables [0-9]+ [A-Z] "


def shown_name(
    table_id: int, action: str, step: tuple[int, int], phase: str, rows: int, expected_ms: int, since_ms: int
) -> str:
    """Return the name by which a process shows that it is at work on a table.

    Args:
        table_id: the table.
        action: a letter for it.
        step: which statement it runs, and of how many.
        phase: one lower-case word.
        rows: how many rows the statements before have given.
        expected_ms: how long the table is expected to take.
        since_ms: when it began with the table, counted from its transaction's begin.
    """
    number, of = step
    return f"dyntables {table_id} {action} {number}/{of} {phase} r{rows} e{expected_ms} s{since_ms}"


def refreshing_process(connection: psycopg.Connection, table_id: int) -> int | None:
    """Return the process that works on a table at this moment."""
    row = connection.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ %s "
        "AND pid <> pg_backend_pid()",
        (f"^dyntables {table_id} [A-Z] ",),
    ).fetchone()
    return row[0] if row else None


def cancel_process(connection: psycopg.Connection, process: int) -> None:
    """Cancel what a process runs at this moment; between two statements it does not hear of it."""
    connection.execute("SELECT pg_cancel_backend(%s)", (process,))


def cancel_refresh(connection: psycopg.Connection, process: int) -> None:
    """Cancel what a process runs at this moment, if it is at work on a table."""
    connection.execute(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = %s AND application_name ~ %s",
        (process, _AT_WORK),
    )


def end_process(process: int) -> str:
    """Return the statement by which a person ends the session of a process."""
    return f"SELECT pg_terminate_backend({process})"
