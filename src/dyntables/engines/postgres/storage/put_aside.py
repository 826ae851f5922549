"""What is kept of a dropped dynamic table: its view, put aside, and its storage."""

from __future__ import annotations

import psycopg

from dyntables.engines.postgres.connection.session import set_local
from dyntables.engines.postgres.storage.generations import drop_generations
from dyntables.errors import LockNotAvailableError

_STORAGE_LEFT = (
    "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace AND relkind = 'r' "
    "AND relname ~ %s)"
)


def drop_put_aside(connection: psycopg.Connection, table_id: int) -> None:
    """Drop the view and all storage of a dropped table; the caller owns the savepoint.

    Raises:
        LockNotAvailableError: somebody reads its storage.
    """
    set_local(connection, {"lock_timeout": "50ms"})
    connection.execute(f"DROP VIEW IF EXISTS dyntables_data.dropped_{table_id}")
    drop_generations(connection, table_id, None)
    row = connection.execute(_STORAGE_LEFT, (f"^t{table_id}_g",)).fetchone()
    if row and row[0]:
        raise LockNotAvailableError("somebody reads the storage of a dropped table", retryable=True)
