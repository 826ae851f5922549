"""What keeps the catalog and the change logs small, whether or not anything is refreshed."""

from __future__ import annotations

from collections.abc import Callable

from dyntables.catalog import Connection, store
from dyntables.catalog.alerts import retention as alert_retention
from dyntables.catalog.definitions import dropped
from dyntables.catalog.past import retention
from dyntables.catalog.quality import results
from dyntables.catalog.state import sources
from dyntables.engines.postgres.capture.captured import keep_logs, renew_functions
from dyntables.engines.postgres.connection.errors import savepoint
from dyntables.engines.postgres.storage.put_aside import drop_put_aside
from dyntables.engines.postgres.storage.staging import all_staging, drop_staging
from dyntables.errors import DependentsExistError, LockNotAvailableError
from dyntables.refresh.logs.trim import release_unread, trim_own, trim_source

_BATCH = 10_000
_OLD = (retention.delete_old_refreshes, retention.delete_old_audit, results.delete_old, alert_retention.delete_old)


def trim_all(connection: Connection) -> None:
    """Trim every change log, also those whose readers are all suspended; remove those that nobody reads.

    Those that the service made while it had no role to keep them, or while somebody wrote, are given to that.
    """
    unread = sources.unread(connection)
    if unread:
        with connection.transaction():
            release_unread(connection, unread)
    keep_logs(connection)
    renew_functions(connection)
    for oid in sources.captured(connection):
        trim_source(connection, oid)
    tables = store.load_all(connection)
    for table_id, table in tables.items():
        trim_own(connection, table.change_log, table_id)
    drop_staging(connection, [name for name, table_id in all_staging(connection) if table_id not in tables])


def prune_history(connection: Connection, stop: Callable[[], bool] = lambda: False) -> int:
    """Delete what is older than its retention; return how many rows. The last refresh of a table stays.

    It goes in batches, each a transaction, until nothing is left or ``stop`` says so.
    """
    pruned = 0
    for delete in _OLD:
        batch = _BATCH
        # One that deletes of several tables may return more than a batch, of one table less.
        while batch >= _BATCH and not stop():
            batch = delete(connection, _BATCH)
            pruned += batch
    return pruned


def prune_dropped(connection: Connection) -> list[int]:
    """Remove the dropped tables whose retention is over; return their ids. What somebody still reads waits."""
    return [table_id for table_id in dropped.over(connection) if _remove_dropped(connection, table_id)]


def _remove_dropped(connection: Connection, table_id: int) -> bool:
    try:
        with savepoint(connection):
            if not dropped.lock(connection, table_id):
                return False
            drop_put_aside(connection, table_id)
            dropped.forget(connection, table_id)
            return True
    except (LockNotAvailableError, DependentsExistError):
        return False
