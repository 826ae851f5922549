"""Tables whose sources did not change: advance them all together, without a run.

Most refreshes find nothing. One transaction of a few statements checks all due tables, moves their frontiers to the
snapshot of the check and records NO_DATA. Whatever is in doubt is left to a run. The commit is not waited for: if it is
lost in a crash, the tables are only older.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg

from dyntables import locks
from dyntables.catalog import graph
from dyntables.catalog.model import DynamicTable
from dyntables.engines.postgres.capture import owed_condition
from dyntables.engines.postgres.session import SYSTEM
from dyntables.engines.postgres.trigger_functions import log_table
from dyntables.refresh.fingerprint import calls_the_same, fingerprint, fits, present_code


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one check did: the tables advanced with the new ``xmin`` of their rows, and to where."""

    rows: tuple[tuple[int, str], ...] = ()
    frontier: str = ""
    data_timestamp: datetime | None = None

    @property
    def done(self) -> set[int]:
        """The tables that were advanced."""
        return {i for i, _ in self.rows}


def skip_unchanged(connection: psycopg.Connection, tables: Mapping[int, DynamicTable], ids: Iterable[int]) -> set[int]:
    """Advance those of the tables, and of what they read, that have nothing to do; return the ones done."""
    return sweep(connection, tables, ids).done


def sweep(
    connection: psycopg.Connection,
    tables: Mapping[int, DynamicTable],
    ids: Iterable[int],
    guard: Callable[[psycopg.Connection], None] | None = None,
) -> Sweep:
    """Advance the tables that have nothing to do, and those that they read.

    Args:
        connection: to work on.
        tables: the catalog, perhaps older than the present; what changed since is left to a run.
        ids: the tables to look at.
        guard: called last before the commit; it raises if nothing may be committed.
    """
    wanted = [i for i in graph.refreshed_with(tables, ids, scheduled=True) if _may_be_idle(tables[i])]
    if not wanted:
        return Sweep()
    with connection.transaction():
        locked = connection.execute(
            _LOCK, (sorted(_sources(tables, wanted)), sorted(wanted), locks.REFRESH), prepare=True
        ).fetchall()
        captured = set(locked[0][1]) if locked else set()
        whole = {i for i, _ in locked if _sources(tables, [i]) <= captured}
        idle, snapshot = _find_idle(connection, tables, whole)
        done = _advance(connection, sorted(idle), snapshot) if idle else Sweep()
        if idle and guard is not None:
            guard(connection)
    return done


# A source without a log, because it is new or gone, is a matter for a run.
_LOCK = (
    "SELECT i, ARRAY(SELECT o::bigint FROM unnest(%s::oid[]) o WHERE to_regclass('dyntables_log.c' || o) IS NOT NULL) "
    "FROM unnest(%s::bigint[]) i WHERE pg_try_advisory_xact_lock(%s, i::integer)"
)


def _sources(tables: Mapping[int, DynamicTable], ids: Iterable[int]) -> set[int]:
    return {d.relation for i in ids for d in tables[i].dependencies if d.kind == "TABLE"}


def _may_be_idle(table: DynamicTable) -> bool:
    return (
        table.incremental
        and not table.options.get("uses_clock")
        and table.frontier is not None
        and table.reinitialize_reason is None
        and table.view_oid is not None
        and table.retry_at is None
        and table.code is not None
    )


def _find_idle(
    connection: psycopg.Connection, tables: Mapping[int, DynamicTable], locked: set[int]
) -> tuple[set[int], str]:
    """Return the locked tables that have nothing to do at the snapshot returned with them."""
    order = [i for i in graph.topological(tables, locked) if i in locked]
    sources = sorted(
        {(tables[i].frontier or "", d.relation) for i in order for d in tables[i].dependencies if d.kind == "TABLE"}
    )
    parents = sorted({u for i in order for u in graph.upstream(tables, i)})
    checks = "".join(f", NOT EXISTS (SELECT 1 FROM {log_table(oid)} WHERE {owed_condition()})" for _, oid in sources)
    captured = [oid for _, oid in sources]
    row = connection.execute(
        "SELECT pg_current_snapshot()::text, "
        "ARRAY(SELECT (id, coalesce(frontier::text, ''), change_version, version)::text FROM dyntables.dynamic_table "
        f"WHERE id = ANY(%s) AND reinitialize_reason IS NULL AND system_identifier = {SYSTEM} "
        "AND effective_mode = 'INCREMENTAL'), "
        "ARRAY(SELECT relation::bigint FROM dyntables.source_event e WHERE relation = ANY(%s) "
        "UNION SELECT b::bigint FROM dyntables.capture_broken(%s::oid[]) b), "
        "(SELECT jsonb_object_agg(id, change_version) FROM dyntables.dynamic_table WHERE id = ANY(%s))" + checks,
        [order, captured, captured, parents, *(f for frontier, _ in sources for f in (frontier, frontier))],
        prepare=True,
    ).fetchone()
    assert row is not None
    unchanged = dict(zip(sources, row[4:], strict=True))
    present, events, versions = set(row[1]), set(row[2]), {int(i): v for i, v in (row[3] or {}).items()}
    prints = fingerprint(connection, tuple(d for i in order for d in tables[i].dependencies), prepare=True)
    code = present_code(connection, (tables[i] for i in order), prepare=True)
    idle: set[int] = set()
    for table_id in order:
        table = tables[table_id]
        known = f"({table_id},{_quoted(table.frontier or '')},{table.change_version},{table.version})"
        if (
            known in present
            and calls_the_same(code, table)
            and _is_idle(table, unchanged, events, prints, idle, tables, versions)
        ):
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
    versions: Mapping[int, int],
) -> bool:
    if not fits(prints, table):
        return False
    for dependency in table.dependencies:
        if dependency.upstream is not None:
            parent = dependency.upstream
            if tables[parent].runs_by_itself and parent not in idle:
                return False
            if versions.get(parent) != table.consumed.get(str(parent), 0):
                return False
        elif dependency.kind == "TABLE" and (
            dependency.relation in events or not unchanged[table.frontier or "", dependency.relation]
        ):
            return False
    return True


def _advance(connection: psycopg.Connection, ids: list[int], snapshot: str) -> Sweep:
    connection.execute("SET LOCAL synchronous_commit = off")
    rows = connection.execute(
        "WITH before AS (SELECT id, data_timestamp, target_lag_seconds FROM dyntables.dynamic_table "
        "WHERE id = ANY(%s)), "
        "moved AS (UPDATE dyntables.dynamic_table SET frontier = %s::pg_snapshot, data_timestamp = now() "
        "WHERE id = ANY(%s) RETURNING id, xmin::text AS row), "
        "recorded AS (INSERT INTO dyntables.refresh (dynamic_table_id, run, trigger, state, action, reason, "
        "data_timestamp, started_at, ended_at, duration_ms, rows_inserted, rows_deleted, source_changes, statements, "
        "target_lag_seconds, previous_data_timestamp) "
        "SELECT id, %s, 'SCHEDULED', 'SUCCEEDED', 'NO_DATA', 'NO_CHANGES', "
        "now(), now(), clock_timestamp(), extract(epoch FROM clock_timestamp() - now()) * 1000, 0, 0, '{}', '[]', "
        "target_lag_seconds, data_timestamp FROM before) SELECT id, row, now() FROM moved",
        (ids, snapshot, ids, uuid.uuid4()),
        prepare=True,
    ).fetchall()
    return Sweep(tuple((i, row) for i, row, _ in rows), snapshot, rows[0][2])
