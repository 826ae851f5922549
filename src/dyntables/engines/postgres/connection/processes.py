"""The server's processes that refresh, and how they are told to stop."""

from __future__ import annotations

import psycopg


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


def end_process(process: int) -> str:
    """Return the statement by which a person ends the session of a process."""
    return f"SELECT pg_terminate_backend({process})"
