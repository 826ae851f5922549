"""Advisory locks of refreshes: of the session, as they are taken before the snapshot of the transaction."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from dyntables import locks


def lock_refreshes(connection: psycopg.Connection, ids: Iterable[int]) -> None:
    """Lock tables for a refresh, in the order given; wait for whoever has them."""
    connection.execute("SELECT pg_advisory_lock(%s, i) FROM unnest(%s::integer[]) i", (locks.REFRESH, list(ids)))


def unlock_refreshes(connection: psycopg.Connection, ids: Iterable[int]) -> None:
    """Let go of them."""
    unlock, parameters = "SELECT pg_advisory_unlock(%s, i) FROM unnest(%s::integer[]) i", (locks.REFRESH, list(ids))
    try:
        connection.execute(unlock, parameters)
    except psycopg.errors.QueryCanceled:
        # A cancel that was meant for the refresh; a lock that stays would stop everybody.
        connection.execute(unlock, parameters)


def try_lock_captured(
    connection: psycopg.Connection, ids: Iterable[int], sources: Iterable[int]
) -> dict[int, set[int]]:
    """Lock those tables that nobody refreshes, until the end of the transaction; with each, the sources with a log.

    A source without a log, because it is new or gone, is a matter for a run.
    """
    rows = connection.execute(
        "SELECT i, ARRAY(SELECT o::bigint FROM unnest(%s::oid[]) o "
        "WHERE to_regclass('dyntables_log.c' || o) IS NOT NULL) "
        "FROM unnest(%s::bigint[]) i WHERE pg_try_advisory_xact_lock(%s, i::integer)",
        (list(sources), list(ids), locks.REFRESH),
        prepare=True,
    ).fetchall()
    return {table_id: set(captured) for table_id, captured in rows}
