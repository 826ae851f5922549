"""Remove from the change logs what every reader has consumed, without bloat and without waiting for anyone."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from dyntables.catalog import graph
from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import VERSION
from dyntables.engines.postgres.rotation import drop_consumed, rotate
from dyntables.engines.postgres.storage import drop_generations
from dyntables.refresh.idle import LOCK_CLASS
from dyntables.refresh.result import RefreshResult

_TRIM_BYTES = 128 * 1024


def trim_logs(
    connection: psycopg.Connection, tables: Mapping[int, DynamicTable], results: Mapping[int, RefreshResult]
) -> None:
    """Rotate and drop after a run; a log that someone holds waits for a later run."""
    sources = {d.relation for i in results if i in tables for d in tables[i].dependencies if d.kind == "TABLE"}
    for oid in sources:
        rotate(connection, oid)
        drop_consumed(connection, oid)
    # A short log is as good as an empty one: readers look at the versions that they have not consumed.
    own = [i for i in results if i in tables and any(tables[c].incremental for c in graph.consumers(tables, i))]
    large = connection.execute(
        "SELECT i FROM unnest(%s::bigint[]) i WHERE pg_relation_size(to_regclass('dyntables_log.d' || i)) >= %s",
        (own, _TRIM_BYTES),
    ).fetchall()
    for (table_id,) in large:
        _trim_own(connection, tables, table_id)


def remove_remains(connection: psycopg.Connection) -> list[str]:
    """Drop the storage that a process which died after its commit could not drop any more; return its names.

    A table that somebody refreshes at present is left to him.
    """
    rows = connection.execute(_REMAINS).fetchall()
    dropped: list[str] = []
    for table_id, generation in sorted({(i, g) for i, g in rows}):
        with connection.transaction():
            lock = connection.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (LOCK_CLASS, table_id)).fetchone()
            # Read after the lock was given: nobody makes a new generation from here on.
            row = connection.execute(
                "SELECT 1 FROM dyntables.dynamic_table WHERE id = %s AND generation = %s", (table_id, generation)
            ).fetchone()
            if lock and lock[0] and row:
                dropped += drop_generations(connection, table_id, generation)
    return dropped


_REMAINS = """
SELECT t.id, t.generation FROM pg_class c
CROSS JOIN LATERAL regexp_match(c.relname, '^t([0-9]+)_g([0-9]+)(_s[0-9]+)?$') m
JOIN dyntables.dynamic_table t ON t.id = m[1]::bigint AND t.generation <> m[2]::integer
WHERE c.relnamespace = 'dyntables_data'::regnamespace AND c.relkind = 'r' AND m IS NOT NULL
"""


def _trim_own(connection: psycopg.Connection, tables: Mapping[int, DynamicTable], table_id: int) -> None:
    """Empty a dynamic table's own change log when all its readers have consumed it."""
    readers = [c for c in graph.consumers(tables, table_id) if tables[c].incremental]
    log = tables[table_id].change_log
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', '20ms', true)")
            row = connection.execute(
                f"SELECT EXISTS (SELECT 1 FROM {log}), NOT EXISTS (SELECT 1 FROM {log} l WHERE l.{VERSION} > "
                "(SELECT min(coalesce((consumed ->> %s)::bigint, 0)) FROM dyntables.dynamic_table WHERE id = ANY(%s)))",
                (str(table_id), readers),
            ).fetchone()
            if row and row[0] and row[1]:
                connection.execute(f"TRUNCATE {log}")
    except (psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable):
        return
