"""Remove from the change logs what every reader has consumed, without bloat and without waiting for anyone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dyntables.catalog import Connection, graph
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.state import consumers, generations, sources
from dyntables.engines.postgres.capture.captured import log_limit, release_if_free
from dyntables.engines.postgres.capture.rotation import drop_consumed, drop_events, enforce_limit, rotate
from dyntables.engines.postgres.connection.errors import savepoint
from dyntables.engines.postgres.connection.session import set_local
from dyntables.engines.postgres.locking.storage import may_clear
from dyntables.engines.postgres.storage import change_logs
from dyntables.engines.postgres.storage.generations import drop_generations
from dyntables.errors import LockNotAvailableError, MissingRelationError
from dyntables.refresh.result import RefreshResult

_TRIM_BYTES = 128 * 1024
_DELETE_FROM = 1024 * 1024


def trim_logs(connection: Connection, tables: Mapping[int, DynamicTable], results: Mapping[int, RefreshResult]) -> None:
    """Rotate and drop after a run; a log that someone holds waits for a later run."""
    for oid in {oid for i in results if i in tables for oid in tables[i].captured}:
        trim_source(connection, oid)
    # A short log is as good as an empty one: readers look at the versions that they have not consumed.
    own = [i for i in results if i in tables and any(tables[c].incremental for c in graph.consumers(tables, i))]
    for table_id in change_logs.large_logs(connection, own, _TRIM_BYTES):
        trim_own(connection, tables[table_id].change_log, table_id)


def remove_remains(connection: Connection) -> list[str]:
    """Drop the storage that a process which died after its commit could not drop any more; return its names.

    A table that somebody refreshes at present is left to him.
    """
    dropped: list[str] = []
    for table_id, generation in generations.remains(connection):
        with connection.transaction():
            free = may_clear(connection, table_id)
            # Read after the lock was given: nobody makes a new generation from here on.
            if generations.is_present(connection, table_id, generation) and free:
                dropped += drop_generations(connection, table_id, generation)
    return dropped


def release_unread(connection: Connection, relations: Iterable[int]) -> None:
    """Stop capturing the tables that no incremental table reads; one that others use for long waits for a later try."""
    for oid in sources.lock_unread(connection, relations):
        release_if_free(connection, oid)


def trim_source(connection: Connection, oid: int) -> None:
    """Rotate the log of a source, give up the readers for which it keeps too much, and drop what nobody needs."""
    rotate(connection, oid)
    enforce_limit(connection, oid)
    drop_consumed(connection, oid)
    drop_events(connection, oid)


def trim_own(connection: Connection, log: str, table_id: int) -> None:
    """Take out of a dynamic table's own change log what all its readers have consumed."""
    try:
        with savepoint(connection):
            set_local(connection, {"lock_timeout": "20ms"})
            size = change_logs.log_size(connection, log)
            if not size:
                return
            # Nobody adds to it, or is in the middle of reading it, while it is seen who has consumed what.
            change_logs.close_log(connection, log)
            if consumers.rebuilt_now(connection, table_id):
                return
            if size > log_limit(connection):
                consumers.give_up(connection, table_id)
            _remove_consumed(connection, log, table_id, size)
    except (LockNotAvailableError, MissingRelationError):
        return


def _remove_consumed(connection: Connection, log: str, table_id: int, size: int) -> None:
    consumed = consumers.least_consumed(connection, table_id)
    if consumed is None or not change_logs.has_later(connection, log, consumed):
        change_logs.empty_log(connection, log)
    elif size > _DELETE_FROM:  # readers that are never all up to date at once
        change_logs.forget_changes(connection, log, consumed)
