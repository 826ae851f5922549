"""What keeps the catalog and the change logs small, whether or not anything is refreshed."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from dyntables.catalog import dropped, store
from dyntables.engines.postgres.capture.captured import renew_functions
from dyntables.engines.postgres.storage.staging import all_staging, drop_staging
from dyntables.engines.postgres.storage.tables import drop_generations
from dyntables.refresh.logs.trim import UNREAD, release_unread, trim_own, trim_source

_BATCH = 10_000


def trim_all(connection: psycopg.Connection) -> None:
    """Trim every change log, also those whose readers are all suspended; remove those that nobody reads.

    Those that the service made while it had no role to keep them, or while somebody wrote, are given to that.
    """
    unread = connection.execute("SELECT s.relation::bigint FROM dyntables.source s WHERE " + UNREAD).fetchall()
    if unread:
        with connection.transaction():
            release_unread(connection, [oid for (oid,) in unread])
    connection.execute("SELECT dyntables.keep_logs()")
    renew_functions(connection)
    for (oid,) in connection.execute("SELECT relation::bigint FROM dyntables.source").fetchall():
        trim_source(connection, oid)
    tables = store.load_all(connection)
    for table_id, table in tables.items():
        trim_own(connection, table.change_log, table_id)
    drop_staging(connection, [name for name, table_id in all_staging(connection) if table_id not in tables])


def prune_history(connection: psycopg.Connection, stop: Callable[[], bool] = lambda: False) -> int:
    """Delete what is older than its retention; return how many rows. The last refresh of a table stays.

    It goes in batches, each a transaction, until nothing is left or ``stop`` says so.
    """
    pruned = 0
    for query in (_OLD_REFRESHES, _OLD_AUDIT):
        batch = _BATCH
        while batch == _BATCH and not stop():
            batch = connection.execute(query, {"batch": _BATCH}).rowcount
            pruned += batch
    return pruned


_OLD_REFRESHES = """
DELETE FROM dyntables.refresh WHERE id IN (
    SELECT r.id FROM dyntables.refresh r WHERE r.ended_at < now() -
        (SELECT value::interval FROM dyntables.setting WHERE name = 'history_retention')
    AND r.id < (SELECT max(m.id) FROM dyntables.refresh m WHERE m.dynamic_table_id = r.dynamic_table_id)
    ORDER BY r.ended_at LIMIT %(batch)s)
"""
_OLD_AUDIT = """
DELETE FROM dyntables.audit WHERE id IN (SELECT id FROM dyntables.audit WHERE happened_at < now() -
    (SELECT value::interval FROM dyntables.setting WHERE name = 'audit_retention') ORDER BY id LIMIT %(batch)s)
"""


def prune_dropped(connection: psycopg.Connection) -> list[int]:
    """Remove the dropped tables whose retention is over; return their ids. What somebody still reads waits."""
    return [table_id for table_id in dropped.over(connection) if _remove_dropped(connection, table_id)]


def _remove_dropped(connection: psycopg.Connection, table_id: int) -> bool:
    try:
        with connection.transaction():
            # Locked, so that nobody brings it back meanwhile.
            query = "SELECT FROM dyntables.dropped_table WHERE id = %s FOR UPDATE SKIP LOCKED"
            if connection.execute(query, (table_id,)).fetchone() is None:
                return False
            connection.execute("SELECT set_config('lock_timeout', '50ms', true)")
            connection.execute(f"DROP VIEW IF EXISTS dyntables_data.dropped_{table_id}")
            drop_generations(connection, table_id, None)
            row = connection.execute(_STORAGE_LEFT, (f"^t{table_id}_g",)).fetchone()
            if row and row[0]:
                raise psycopg.errors.LockNotAvailable
            dropped.forget(connection, table_id)
            return True
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DependentObjectsStillExist):
        return False


_STORAGE_LEFT = (
    "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace AND relkind = 'r' "
    "AND relname ~ %s)"
)
