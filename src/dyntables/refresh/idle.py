"""Tables whose sources did not change: advance them all together, without a run.

Most refreshes find nothing. One transaction of a few statements checks all due tables, moves their frontiers to the
snapshot of the check and records NO_DATA. Whatever is in doubt is left to a run. The commit is not waited for: if it is
lost in a crash, the tables are only older.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

import psycopg

from dyntables.catalog import graph
from dyntables.catalog.model import DynamicTable
from dyntables.engines.postgres.capture import log_table, owed_condition
from dyntables.refresh.fingerprint import fingerprint, fits

LOCK_CLASS = 0x6474


def skip_unchanged(connection: psycopg.Connection, tables: Mapping[int, DynamicTable], ids: Iterable[int]) -> set[int]:
    """Advance those of the tables, and of what they read, that have nothing to do; return the ones done.

    ``tables`` may be older than the present; the tables are read again under their locks.
    """
    wanted = [i for i in graph.ancestors(tables, ids) if _may_be_idle(tables[i])]
    if not wanted:
        return set()
    with connection.transaction():
        locked = connection.execute(
            "SELECT i FROM unnest(%s::bigint[]) i WHERE pg_try_advisory_xact_lock(%s, i::integer)",
            (sorted(wanted), LOCK_CLASS),
            prepare=True,
        ).fetchall()
        idle, snapshot = _find_idle(connection, tables, {i for (i,) in locked})
        if idle:
            _advance(connection, sorted(idle), snapshot)
    return idle


def _may_be_idle(table: DynamicTable) -> bool:
    return (
        table.incremental
        and not table.options.get("uses_clock")
        and table.frontier is not None
        and table.reinitialize_reason is None
        and table.retry_at is None
    )


def _find_idle(
    connection: psycopg.Connection, tables: Mapping[int, DynamicTable], locked: set[int]
) -> tuple[set[int], str]:
    """Return the locked tables that have nothing to do at the snapshot returned with them."""
    order = [i for i in graph.topological(tables, locked) if i in locked]
    sources = sorted(
        {(tables[i].frontier or "", d.relation) for i in order for d in tables[i].dependencies if d.kind == "TABLE"}
    )
    checks = "".join(f", NOT EXISTS (SELECT 1 FROM {log_table(oid)} WHERE {owed_condition()})" for _, oid in sources)
    row = connection.execute(
        "SELECT pg_current_snapshot()::text, "
        "ARRAY(SELECT (id, coalesce(frontier::text, ''), change_version, version)::text FROM dyntables.dynamic_table "
        "WHERE id = ANY(%s)), "
        "ARRAY(SELECT relation::bigint FROM dyntables.source_event e WHERE relation = ANY(%s) "
        "UNION SELECT b::bigint FROM dyntables.capture_broken(%s::oid[]) b)" + checks,
        [order, *[[oid for _, oid in sources]] * 2, *(f for frontier, _ in sources for f in (frontier, frontier))],
        prepare=True,
    ).fetchone()
    assert row is not None
    unchanged = dict(zip(sources, row[3:], strict=True))
    present, events = set(row[1]), set(row[2])
    prints = fingerprint(connection, tuple(d for i in order for d in tables[i].dependencies))
    idle: set[int] = set()
    for table_id in order:
        table = tables[table_id]
        known = f"({table_id},{_quoted(table.frontier or '')},{table.change_version},{table.version})"
        if known in present and _is_idle(table, unchanged, events, prints, idle, tables):
            idle.add(table_id)
    return idle, row[0]


def _quoted(frontier: str) -> str:
    return f'"{frontier}"' if "," in frontier else frontier


def _is_idle(
    table: DynamicTable,
    unchanged: Mapping[tuple[str, int], bool],
    events: set[int],
    prints: Mapping[str, object],
    idle: set[int],
    tables: Mapping[int, DynamicTable],
) -> bool:
    if not fits(prints, table):
        return False
    for dependency in table.dependencies:
        if dependency.upstream is not None:
            parent = dependency.upstream
            if parent not in idle or table.consumed.get(str(parent), 0) != tables[parent].change_version:
                return False
        elif dependency.kind == "TABLE" and (
            dependency.relation in events or not unchanged[table.frontier or "", dependency.relation]
        ):
            return False
    return True


def _advance(connection: psycopg.Connection, ids: list[int], snapshot: str) -> None:
    connection.execute("SET LOCAL synchronous_commit = off")
    connection.execute(
        "WITH before AS (SELECT id, data_timestamp, target_lag_seconds FROM dyntables.dynamic_table "
        "WHERE id = ANY(%s)), "
        "moved AS (UPDATE dyntables.dynamic_table SET frontier = %s::pg_snapshot, data_timestamp = now() "
        "WHERE id = ANY(%s)) INSERT INTO dyntables.refresh (dynamic_table_id, run, trigger, state, action, reason, "
        "data_timestamp, started_at, ended_at, duration_ms, rows_inserted, rows_deleted, source_changes, statements, "
        "target_lag_seconds, previous_data_timestamp) "
        "SELECT id, %s, 'SCHEDULED', 'SUCCEEDED', 'NO_DATA', 'NO_CHANGES', "
        "now(), now(), clock_timestamp(), extract(epoch FROM clock_timestamp() - now()) * 1000, 0, 0, '{}', '[]', "
        "target_lag_seconds, data_timestamp FROM before",
        (ids, snapshot, ids, uuid.uuid4()),
        prepare=True,
    )
