"""Keep refreshes off tables while a statement changes what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from dyntables.catalog import Connection
from dyntables.engines.postgres.locking.held import hold_refreshes, release_refreshes


@contextmanager
def holding(connection: Connection, ids: Iterable[int]) -> Iterator[None]:
    """Wait for the refreshes of tables that run, and let no other begin; take no locks of tables before."""
    ordered = sorted(set(ids))
    try:
        hold_refreshes(connection, ordered)
        yield
    finally:
        # Also if the wait for one of them was cut short: those before it are held.
        if not connection.closed:
            release_refreshes(connection, ordered)
