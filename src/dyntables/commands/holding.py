"""Keep refreshes off tables while a statement changes what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg

from dyntables import locks


@contextmanager
def holding(connection: psycopg.Connection, ids: Iterable[int]) -> Iterator[None]:
    """Wait for the refreshes of tables that run, and let no other begin; take no locks of tables before."""
    ordered = sorted(set(ids))
    try:
        connection.execute("SELECT pg_advisory_lock(%s, i) FROM unnest(%s::integer[]) i", (locks.REFRESH, ordered))
        yield
    finally:
        # Also if the wait for one of them was cut short: those before it are held.
        if not connection.closed:
            connection.execute(
                "SELECT pg_advisory_unlock(%s, i) FROM unnest(%s::integer[]) i", (locks.REFRESH, ordered)
            )
