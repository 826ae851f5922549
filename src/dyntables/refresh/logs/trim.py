"""Remove from the change logs what every reader has consumed, without bloat and without waiting for anyone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

from dyntables import locks
from dyntables.catalog import graph
from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import VERSION
from dyntables.engines.postgres.capture import captured
from dyntables.engines.postgres.capture.rotation import drop_consumed, drop_events, enforce_limit, rotate
from dyntables.engines.postgres.storage.tables import drop_generations
from dyntables.refresh.result import RefreshResult

_TRIM_BYTES = 128 * 1024
_DELETE_FROM = 1024 * 1024


def trim_logs(
    connection: psycopg.Connection, tables: Mapping[int, DynamicTable], results: Mapping[int, RefreshResult]
) -> None:
    """Rotate and drop after a run; a log that someone holds waits for a later run."""
    sources = {d.relation for i in results if i in tables for d in tables[i].dependencies if d.kind == "TABLE"}
    for oid in sources:
        trim_source(connection, oid)
    # A short log is as good as an empty one: readers look at the versions that they have not consumed.
    own = [i for i in results if i in tables and any(tables[c].incremental for c in graph.consumers(tables, i))]
    large = connection.execute(
        "SELECT i FROM unnest(%s::bigint[]) i WHERE pg_relation_size(to_regclass('dyntables_log.d' || i)) >= %s",
        (own, _TRIM_BYTES),
    ).fetchall()
    for (table_id,) in large:
        trim_own(connection, tables[table_id].change_log, table_id)


def remove_remains(connection: psycopg.Connection) -> list[str]:
    """Drop the storage that a process which died after its commit could not drop any more; return its names.

    A table that somebody refreshes at present is left to him.
    """
    rows = connection.execute(_REMAINS).fetchall()
    dropped: list[str] = []
    for table_id, generation in sorted({(i, g) for i, g in rows}):
        with connection.transaction():
            lock = connection.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (locks.REFRESH, table_id)).fetchone()
            # Read after the lock was given: nobody makes a new generation from here on.
            row = connection.execute(
                "SELECT 1 FROM dyntables.dynamic_table WHERE id = %s AND generation = %s", (table_id, generation)
            ).fetchone()
            if lock and lock[0] and row:
                dropped += drop_generations(connection, table_id, generation)
    return dropped


_REMAINS = """
SELECT t.id, t.generation FROM pg_class c
CROSS JOIN LATERAL regexp_match(c.relname, '^t([0-9]+)_g([0-9]+)(_s[0-9]+|_frozen)?$') m
JOIN dyntables.dynamic_table t ON t.id = m[1]::bigint AND t.generation <> m[2]::integer
WHERE c.relnamespace = 'dyntables_data'::regnamespace AND c.relkind = 'r' AND m IS NOT NULL
AND t.frozen ->> 'storage' IS DISTINCT FROM 'dyntables_data.' || c.relname
"""


# A source ``s`` that no incremental table reads, and none that is being replaced would read if it got its old
# definition back.
UNREAD = """
NOT EXISTS (SELECT FROM dyntables.dependency d JOIN dyntables.dynamic_table t ON t.id = d.dynamic_table_id
WHERE d.relation = s.relation AND t.effective_mode = 'INCREMENTAL')
AND NOT EXISTS (SELECT FROM dyntables.dynamic_table t WHERE t.reinitialize_reason = 'DEFINITION_CHANGED'
AND t.fingerprint ? s.relation::text)
"""


def release_unread(connection: psycopg.Connection, relations: Iterable[int]) -> None:
    """Stop capturing the tables that no incremental table reads; one that others use for long waits for a later try.

    Removing a trigger needs a table alone, and whoever waits for that stops everybody who comes after.
    """
    # Who is about to read one of them has its row, and goes first; or waits here, and captures it anew.
    query = "SELECT relation::bigint FROM dyntables.source WHERE relation = ANY(%s) ORDER BY relation FOR UPDATE"
    known = [oid for (oid,) in connection.execute(query, (list(relations),))]
    unread = connection.execute(
        "SELECT s.relation::bigint FROM dyntables.source s WHERE s.relation = ANY(%s) AND " + UNREAD, (known,)
    ).fetchall()
    for (oid,) in unread:
        with contextlib.suppress(psycopg.errors.LockNotAvailable), connection.transaction():
            row = connection.execute(
                "SELECT current_setting('lock_timeout'), set_config('lock_timeout', '150ms', true)"
            ).fetchone()
            assert row is not None
            captured.release(connection, oid)
            connection.execute("SELECT set_config('lock_timeout', %s, true)", (row[0],))


def trim_source(connection: psycopg.Connection, oid: int) -> None:
    """Rotate the log of a source, give up the readers for which it keeps too much, and drop what nobody needs."""
    rotate(connection, oid)
    enforce_limit(connection, oid)
    drop_consumed(connection, oid)
    drop_events(connection, oid)


def trim_own(connection: psycopg.Connection, log: str, table_id: int) -> None:
    """Take out of a dynamic table's own change log what all its readers have consumed."""
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', '20ms', true)")
            size = _scalar(connection, "SELECT pg_relation_size(to_regclass(%s))", log)
            if not size:
                return
            # Nobody adds to it, or is in the middle of reading it, while it is seen who has consumed what.
            connection.execute(f"LOCK TABLE {log} IN ACCESS EXCLUSIVE MODE")
            if _scalar(connection, _REBUILT_NOW, table_id, locks.REFRESH):
                return
            if size > _scalar(connection, "SELECT dyntables.log_limit()"):
                _give_up(connection, table_id)
            _remove_consumed(connection, log, table_id, size)
    except (psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable):
        return


# A reader that is computed anew needs no log: it will have consumed what is there when it begins. If one has begun,
# that is not known before it ends.
_REBUILT_NOW = """
SELECT EXISTS (SELECT FROM dyntables.dependency d JOIN dyntables.dynamic_table t ON t.id = d.dynamic_table_id
JOIN pg_locks l ON l.locktype = 'advisory' AND l.objid = t.id AND l.objsubid = 2 AND l.granted
AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
WHERE d.upstream_id = %s AND t.reinitialize_reason IS NOT NULL AND l.classid = %s AND l.pid <> pg_backend_pid())
"""
_CONSUMED = """
SELECT min(coalesce((t.consumed ->> %(id)s::text)::bigint, 0)) FROM dyntables.dynamic_table t
WHERE t.effective_mode = 'INCREMENTAL' AND t.reinitialize_reason IS NULL
AND t.id IN (SELECT d.dynamic_table_id FROM dyntables.dependency d WHERE d.upstream_id = %(id)s)
"""


def _remove_consumed(connection: psycopg.Connection, log: str, table_id: int, size: int) -> None:
    row = connection.execute(_CONSUMED, {"id": table_id}).fetchone()
    consumed = row[0] if row else None
    owed = consumed is not None and _scalar(
        connection, f"SELECT EXISTS (SELECT 1 FROM {log} WHERE {VERSION} > %s)", consumed
    )
    if not owed:
        connection.execute(f"TRUNCATE {log}")
    elif size > _DELETE_FROM:
        # Readers that are never all up to date at once: vacuum gives the space of what is deleted to new changes.
        connection.execute(f"DELETE FROM {log} WHERE {VERSION} <= %s", (consumed,))


def _give_up(connection: psycopg.Connection, table_id: int) -> None:
    """Do not keep changes any longer for readers that do not come for them; they reinitialize."""
    connection.execute(
        "UPDATE dyntables.dynamic_table t SET reinitialize_reason = 'LOG_LIMIT' "
        "FROM dyntables.dependency d, dyntables.dynamic_table parent WHERE d.upstream_id = %s "
        "AND parent.id = d.upstream_id AND t.id = d.dynamic_table_id AND t.effective_mode = 'INCREMENTAL' "
        "AND t.reinitialize_reason IS NULL "
        "AND coalesce((t.consumed ->> parent.id::text)::bigint, 0) < parent.change_version",
        (table_id,),
    )


def _scalar(connection: psycopg.Connection, sql: str, *parameters: object) -> Any:
    row = connection.execute(sql, parameters).fetchone()
    return row[0] if row else None
