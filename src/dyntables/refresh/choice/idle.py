"""Tables whose sources did not change: advance them all together, without a run.

Most refreshes find nothing. One transaction of a few statements checks all due tables at one snapshot. Whatever is in
doubt is left to a run. Of what has nothing to do only the instant is noted, in sequences that are not logged, which
takes no transaction id and writes no WAL: the frontier stays where it was, as no log holds anything after it. It is
written when it is old, so that logs can be dropped and standbys see it, and where a reader waits for it.

Nobody has to lead to note a look: what is noted is true, and the table's lock is held until it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from dyntables import locks
from dyntables.catalog import graph
from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import SYSTEM
from dyntables.engines.postgres.capture.captured import owed_condition
from dyntables.engines.postgres.capture.trigger_functions import log_table
from dyntables.refresh.sources.fingerprint import calls_the_same, fingerprint, fits, present_code
from dyntables.refresh.standing import would_hold_back

WRITTEN_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one check found: the tables that have nothing to do, and when it began and ended.

    ``snapshot``: of the check; ``rows``: the tables to whose rows it was written, with the new ``xmin`` of each.
    """

    done: frozenset[int] = frozenset()
    began_at: datetime | None = None
    ended_at: datetime | None = None
    snapshot: str = ""
    rows: tuple[tuple[int, str], ...] = ()


def skip_unchanged(connection: psycopg.Connection, tables: Mapping[int, DynamicTable], ids: Iterable[int]) -> set[int]:
    """Advance those of the tables, and of what they read, that have nothing to do; return the ones done."""
    return set(sweep(connection, tables, ids).done)


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
        guard: called last before the commit of what is written; it raises if nothing may be committed.
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
        return _note(connection, tables, idle, snapshot, guard) if idle else Sweep()


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
        {(tables[i].log_frontier, d.relation) for i in order for d in tables[i].dependencies if d.kind == "TABLE"}
    )
    parents = sorted({u for i in order for u in graph.upstream(tables, i)})
    checks = "".join(f", NOT EXISTS (SELECT 1 FROM {log_table(oid)} WHERE {owed_condition()})" for _, oid in sources)
    captured = [oid for _, oid in sources]
    row = connection.execute(
        "SELECT pg_current_snapshot()::text, "
        "ARRAY(SELECT (id, coalesce(frontier::text, ''), change_version, version)::text FROM dyntables.dynamic_table "
        f"WHERE id = ANY(%s) AND reinitialize_reason IS NULL AND system_identifier = {SYSTEM} "
        "AND effective_mode = 'INCREMENTAL'), "
        "ARRAY(SELECT d.dynamic_table_id FROM dyntables.source_event e JOIN dyntables.dependency d USING (relation) "
        "WHERE d.dynamic_table_id = ANY(%s) AND (e.columns IS NULL OR e.columns && d.columns)), "
        "ARRAY(SELECT b::bigint FROM dyntables.capture_broken(%s::oid[]) b), "
        "(SELECT jsonb_object_agg(id, change_version) FROM dyntables.dynamic_table WHERE id = ANY(%s))" + checks,
        [order, order, captured, parents, *(f for frontier, _ in sources for f in (frontier, frontier))],
        prepare=True,
    ).fetchone()
    assert row is not None
    unchanged = dict(zip(sources, row[5:], strict=True))
    present, altered, broken = set(row[1]), set(row[2]), set(row[3])
    versions = {int(i): v for i, v in (row[4] or {}).items()}
    prints = fingerprint(connection, tuple(d for i in order for d in tables[i].dependencies), prepare=True)
    code = present_code(connection, (tables[i] for i in order), prepare=True)
    idle: set[int] = set()
    for table_id in order:
        table = tables[table_id]
        known = f"({table_id},{_quoted(table.frontier or '')},{table.change_version},{table.version})"
        if (
            known in present
            and table_id not in altered
            and calls_the_same(code, table)
            and _is_idle(table, unchanged, broken, prints, idle, tables, versions)
        ):
            idle.add(table_id)
    return idle, row[0]


def _quoted(frontier: str) -> str:
    return f'"{frontier}"' if "," in frontier else frontier


def _is_idle(
    table: DynamicTable,
    unchanged: Mapping[tuple[str, int], bool],
    broken: set[int],
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
            dependency.relation in broken or not unchanged[table.log_frontier, dependency.relation]
        ):
            return False
    return True


def _note(
    connection: psycopg.Connection,
    tables: Mapping[int, DynamicTable],
    idle: set[int],
    snapshot: str,
    guard: Callable[[psycopg.Connection], None] | None,
) -> Sweep:
    row = connection.execute(_LOOKED, (sorted(idle),), prepare=True).fetchone()
    assert row is not None
    began, ended, _ = row
    waited_for = _waited_for(tables)
    written = sorted(i for i in idle if i in waited_for or _is_old(tables[i], began))
    rows: list[tuple[int, str]] = []
    if written:
        # If the commit is lost in a crash, the tables are only older.
        connection.execute("SET LOCAL synchronous_commit = off")
        rows = connection.execute(_ADVANCE, (snapshot, written), prepare=True).fetchall()
        if guard is not None:
            guard(connection)
    return Sweep(frozenset(idle), began, ended, snapshot, tuple(rows))


_LOOKED = (
    "SELECT now(), clock_timestamp(), count(setval(to_regclass('dyntables_data.looks_' || i), "
    "(extract(epoch FROM now()) * 1000000)::bigint)) FROM unnest(%s::bigint[]) i"
)
_ADVANCE = (
    "UPDATE dyntables.dynamic_table SET frontier = %s::pg_snapshot, data_timestamp = now() "
    "WHERE id = ANY(%s) RETURNING id, xmin::text"
)


def _is_old(table: DynamicTable, now: datetime) -> bool:
    """Tell whether a frontier was not written for long; if the server's clock went back, nobody knows."""
    assert table.data_timestamp is not None
    return not timedelta() <= now - table.data_timestamp < WRITTEN_EVERY


def _waited_for(tables: Mapping[int, DynamicTable]) -> set[int]:
    """Return the tables that a reader is to be refreshed over as they stand: all that it reads must stand alike."""
    return {
        parent
        for reader, table in tables.items()
        for parent in graph.upstream(tables, reader)
        if not (table.incremental and table.consumed.get(str(parent), 0) == tables[parent].change_version)
        and would_hold_back(tables, reader)
    }
