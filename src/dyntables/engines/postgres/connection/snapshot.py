"""The snapshot of a run: taken by the first statement of its transaction, after its locks."""

from __future__ import annotations

import psycopg

from dyntables.compiler.names import SYSTEM
from dyntables.engines.port import Snapshot


def begin_at_snapshot(connection: psycopg.Connection) -> Snapshot:
    """Let the present transaction, in which nothing was read yet, see one snapshot, and return that."""
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    return present_snapshot(connection)


def present_snapshot(connection: psycopg.Connection) -> Snapshot:
    """Return what a statement sees now."""
    row = connection.execute(f"SELECT pg_current_snapshot()::text, now(), {SYSTEM}").fetchone()
    assert row is not None
    return Snapshot(*row)
