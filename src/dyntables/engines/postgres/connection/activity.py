"""What sessions are at: whether they live, what they wait for, and how they are told to stop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import psycopg

_WAITING = (
    "SELECT pid, waitstart, extract(epoch FROM clock_timestamp() - waitstart)::float8 FROM pg_locks "
    "WHERE NOT granted AND pid = ANY(%s) AND waitstart IS NOT NULL"
)


def session_id(connection: psycopg.Connection) -> int:
    """Return the number by which the server knows a session."""
    return connection.info.backend_pid


def sign_of_life(connection: psycopg.Connection) -> None:
    """Ask the server for nothing, so that it sees the session live, and we see it."""
    connection.execute("SELECT 1")


def lock_waits(connection: psycopg.Connection, sessions: Sequence[int]) -> list[tuple[int, datetime, float]]:
    """Return which of some sessions wait for a lock: their number, since when, and for how many seconds."""
    return connection.execute(_WAITING, (sessions,), prepare=True).fetchall()


def cancel_statement(connection: psycopg.Connection) -> None:
    """Cancel what the session runs at this moment; the server forgets a request that comes between two statements."""
    if not connection.closed:
        connection.cancel_safe(timeout=2)
