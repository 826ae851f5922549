"""Decide what a refresh has to do, and do it from the changes if that is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dyntables.catalog.model import Action, DynamicTable, RefreshReason
from dyntables.compiler.delta.consolidate import consolidate
from dyntables.compiler.names import VERSION, WEIGHT
from dyntables.compiler.plan.nodes import Column, Source, SourceKind
from dyntables.compiler.program import Compiled, Program, refresh_program
from dyntables.engines.postgres.capture import log_table, owed_condition, owed_select
from dyntables.engines.postgres.storage import run_program
from dyntables.refresh.definitions import fingerprint, fits

if TYPE_CHECKING:
    from dyntables.refresh.plans import PlanCache
    from dyntables.refresh.result import RefreshResult
    from dyntables.refresh.runner import Run


def refresh_incrementally(run: Run, table: DynamicTable, plans: PlanCache, result: RefreshResult) -> None:
    """Set the result's action; for NO_DATA and INCREMENTAL also do the work."""
    reason = _rebuild_reason(run, table)
    if reason is not None:
        result.reason = reason
        result.action = Action.FULL if reason is RefreshReason.FULL_MODE else Action.REINITIALIZE
        return
    compiled = plans.compiled(run.connection, table)
    if compiled is None:
        result.action, result.reason = Action.REINITIALIZE, RefreshReason.DEFINITION_CHANGED
        return
    changed = _changed_sources(run, table, compiled)
    if not changed:
        result.action, result.reason = Action.NO_DATA, RefreshReason.NO_CHANGES
        _advance(run, table, changed_contents=False)
        return
    result.action, result.reason = Action.INCREMENTAL, RefreshReason.CHANGES
    deltas, appended = _store_deltas(run, table, changed, result)
    readers = run.has_readers(table.id)
    program = refresh_program(compiled, deltas, f"dt{table.id}", logged=readers, appended=appended)
    result.statements, result.rows_deleted, result.rows_inserted = run_program(run.connection, program)
    _count_output(run, program, result)
    contents_changed = bool(result.rows_inserted or result.rows_deleted)
    if readers and contents_changed:
        _log_output(run, table, compiled, program)
    _advance(run, table, changed_contents=contents_changed)


def _rebuild_reason(run: Run, table: DynamicTable) -> RefreshReason | None:
    """Return why the changes are not enough, or None."""
    if not table.incremental:
        return RefreshReason.FULL_MODE
    if table.data_timestamp is None or table.frontier is None:
        return RefreshReason.INITIAL
    if table.reinitialize_reason is not None:
        return RefreshReason(table.reinitialize_reason)
    if table.system_identifier != run.system:
        return RefreshReason.OTHER_SERVER
    if not fits(fingerprint(run.connection, table.dependencies), table):
        return RefreshReason.SOURCE_ALTERED
    captured = [d.relation for d in table.dependencies if d.kind == "TABLE"]
    row = run.connection.execute(
        "SELECT (SELECT min(e.kind) FROM dyntables.source_event e WHERE e.relation = ANY(%s) "
        "AND NOT pg_visible_in_snapshot(e.xid, %s::pg_snapshot)), "
        "EXISTS (SELECT 1 FROM unnest(%s::oid[]) o WHERE NOT EXISTS (SELECT 1 FROM pg_trigger g "
        "WHERE g.tgrelid = o AND g.tgname = 'dyntables_capture_ins' AND g.tgenabled = 'A'))",
        (captured, table.frontier, captured),
    ).fetchone()
    assert row is not None
    if row[0]:
        return RefreshReason.SOURCE_ALTERED if row[0] == "ALTERED" else RefreshReason.SOURCE_TRUNCATED
    return RefreshReason.CAPTURE_MISSING if row[1] else None


def _changed_sources(run: Run, table: DynamicTable, compiled: Compiled) -> dict[Source, tuple[Column, ...]]:
    """Return the sources with changes that the table has not consumed, found by one query."""
    checks: list[str] = []
    parameters: list[object] = []
    sources = compiled.sources
    upstream = {d.relation: d.upstream for d in table.dependencies}
    for source in sources:
        if source.kind is SourceKind.TABLE:
            checks.append(f"EXISTS (SELECT 1 FROM {log_table(source.oid)} WHERE {owed_condition()})")
            parameters += [table.frontier, table.frontier]
        else:
            parent = upstream[source.oid]
            assert parent is not None
            consumed = table.consumed.get(str(parent), 0)
            checks.append("%s::bigint < (SELECT change_version FROM dyntables.dynamic_table WHERE id = %s)")
            parameters += [consumed, parent]
    row = run.connection.execute(f"SELECT {', '.join(checks)}", parameters).fetchone()
    assert row is not None
    return {source: sources[source] for source, some in zip(sources, row, strict=True) if some}


def _store_deltas(
    run: Run, table: DynamicTable, changed: dict[Source, tuple[Column, ...]], result: RefreshResult
) -> tuple[dict[int, str], frozenset[int]]:
    """Store the delta of each changed source in a temporary table; tell which are appended rows only."""
    deltas: dict[int, str] = {}
    appended: set[int] = set()
    upstream = {d.relation: d.upstream for d in table.dependencies}
    for source, columns in changed.items():
        name = f"dt{table.id}_c{source.oid}"
        if source.kind is SourceKind.TABLE:
            parameters: list[object] = [table.frontier, table.frontier]
            if _only_appended(run, source, parameters):
                appended.add(source.oid)
            select = owed_select(source.oid, columns, appended=source.oid in appended)
        else:
            parent = run.tables[upstream[source.oid] or 0]
            names = ", ".join([*('"' + c.id.replace('"', '""') + '"' for c in columns), WEIGHT])
            owed = f"(SELECT {names} FROM {parent.change_log} WHERE {VERSION} > %s) c"
            select = consolidate(owed, columns)
            parameters = [table.consumed.get(str(parent.id), 0)]
        made = run.connection.execute(
            f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {select}",
            parameters,
        )
        result.source_changes[f"{source.schema}.{source.name}"] = made.rowcount
        if made.rowcount >= 2000:
            run.connection.execute(f"ANALYZE pg_temp.{name}")
        if made.rowcount:
            deltas[source.oid] = f"pg_temp.{name}"
    return deltas, frozenset(appended)


def _only_appended(run: Run, source: Source, frontier: list[object]) -> bool:
    row = run.connection.execute(
        f"SELECT NOT EXISTS (SELECT 1 FROM {log_table(source.oid)} WHERE {owed_condition()} AND {WEIGHT} < 0)",
        frontier,
    ).fetchone()
    return bool(row and row[0])


def _count_output(run: Run, program: Program, result: RefreshResult) -> None:
    """Count the rows that readers see change, where the delta was stored."""
    if program.output is None:
        return
    row = run.connection.execute(
        f"SELECT coalesce(sum({WEIGHT}) FILTER (WHERE {WEIGHT} > 0), 0), "
        f"coalesce(- sum({WEIGHT}) FILTER (WHERE {WEIGHT} < 0), 0) FROM {program.output}"
    ).fetchone()
    assert row is not None
    result.rows_inserted, result.rows_deleted = int(row[0]), int(row[1])


def _log_output(run: Run, table: DynamicTable, compiled: Compiled, program: Program) -> None:
    names = ", ".join('"' + n.replace('"', '""') + '"' for n in compiled.names)
    ids = ", ".join(c.id for c in compiled.outputs)
    run.connection.execute(
        f"INSERT INTO {table.change_log} ({VERSION}, {WEIGHT}, {names}) "
        f"SELECT %s, {WEIGHT}, {ids} FROM {program.output}",
        (table.change_version + 1,),
    )


def _advance(run: Run, table: DynamicTable, *, changed_contents: bool) -> None:
    """Record what was consumed; the frontier itself is written when the run is recorded."""
    mark_consumed(run, table)
    if changed_contents:
        run.connection.execute(
            "UPDATE dyntables.dynamic_table SET change_version = change_version + 1 WHERE id = %s", (table.id,)
        )


def mark_consumed(run: Run, table: DynamicTable) -> None:
    """Record the change version of every dynamic table that this one now reflects."""
    parents = [d.upstream for d in table.dependencies if d.upstream is not None]
    if parents:
        run.connection.execute(
            "UPDATE dyntables.dynamic_table SET consumed = "
            "(SELECT coalesce(jsonb_object_agg(id::text, change_version), '{}') "
            "FROM dyntables.dynamic_table WHERE id = ANY(%s)) WHERE id = %s",
            (parents, table.id),
        )
