"""Who reads the storage of tables as it stands, and who swaps it."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from dyntables import locks


def share_storage(connection: psycopg.Connection, ids: Sequence[int]) -> None:
    """Wait for rebuilds of these tables, and keep others from swapping their storage; for the session."""
    connection.execute("SELECT pg_advisory_lock_shared(%s, i) FROM unnest(%s::integer[]) i", (locks.STORAGE, list(ids)))


def release_storage(connection: psycopg.Connection, ids: Sequence[int]) -> None:
    """End what ``share_storage`` began."""
    connection.execute(
        "SELECT pg_advisory_unlock_shared(%s, i) FROM unnest(%s::integer[]) i", (locks.STORAGE, list(ids))
    )


def own_storage(connection: psycopg.Connection, table_id: int) -> None:
    """Wait until nobody reads a table as it stands, and keep everybody from it until the end of the transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (locks.STORAGE, table_id))


def may_clear(connection: psycopg.Connection, table_id: int) -> bool:
    """Tell whether nobody refreshes a table or changes what it is, and see to it until the transaction ends."""
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (locks.REFRESH, table_id)).fetchone()
    return bool(row and row[0])
