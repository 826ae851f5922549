"""Decide what a refresh has to do, and do it from the changes if that is enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from dyntables.catalog import store
from dyntables.catalog.model import Action, DynamicTable, RefreshReason
from dyntables.compiler.delta.context import Change
from dyntables.compiler.names import CLOCK, VERSION, WEIGHT, literal, quote
from dyntables.compiler.plan.algebra.nodes import Source, SourceKind
from dyntables.compiler.program import Compiled, Program
from dyntables.engines.postgres.called.code import replaceable
from dyntables.engines.postgres.capture.captured import owed_condition, owed_rows, typed
from dyntables.engines.postgres.capture.trigger_functions import log_table
from dyntables.engines.postgres.connection.session import set_local
from dyntables.engines.postgres.storage.tables import count_delta, log_delta, run_program
from dyntables.refresh.choice.adaptive import full_is_cheaper
from dyntables.refresh.choice.patience import patience
from dyntables.refresh.sources.fingerprint import calls_the_same, fits
from dyntables.refresh.sources.keeping import program_for, settle_staging
from dyntables.refresh.sources.plans import read
from dyntables.refresh.sources.present import Present

if TYPE_CHECKING:
    from dyntables.refresh.result import RefreshResult
    from dyntables.refresh.run import Run
    from dyntables.refresh.sources.plans import PlanCache


def refresh_incrementally(
    run: Run, table: DynamicTable, plans: PlanCache, result: RefreshResult, *, patient: bool = False
) -> None:
    """Set the result's action; for NO_DATA and INCREMENTAL also do the work.

    ``patient``: the work may take as long as it likes, and wait for locks.
    """
    reason = rebuild_reason(run.connection, table, run.system, run.present)
    if reason is not None:
        result.reason = reason
        result.action = Action.FULL if reason is RefreshReason.FULL_MODE else Action.REINITIALIZE
        return
    compiled = plans.compiled(run.connection, table, run.present.facts)
    if compiled is None:
        result.action, result.reason = Action.REINITIALIZE, RefreshReason.DEFINITION_CHANGED
        return
    if table.code is None:
        _learn_code(run, table)
    changes = _changes(run, table, compiled)
    if not changes and not compiled.uses_clock:
        result.action, result.reason = Action.NO_DATA, RefreshReason.NO_CHANGES
        _advance(run, table, changed_contents=False)
        return
    result.action, result.reason = Action.INCREMENTAL, RefreshReason.CHANGES
    run.progress.action = Action.INCREMENTAL
    result.source_changes = {f"{c.source.schema}.{c.source.name}": c.rows for c in changes}
    if full_is_cheaper(run, table, result):
        result.action, result.reason = Action.FULL, RefreshReason.CHEAPER_IN_FULL
        return
    read = run.columns_read(table.id)
    wanted = {name: c for name, c in zip(compiled.names, compiled.outputs, strict=True) if name in read}
    changed = {c.source.oid: c.change for c in changes}
    key, rows = (table.id, run.hands(table).staging), sum(c.rows for c in changes)
    program = program_for(run.connection, plans, key, compiled, changed, tuple(wanted.values()), rows)
    with _patiently(run, table, result, patient=patient):
        _run(run, table, program, {name: quote(c.id) for name, c in wanted.items()}, result)
    settle_staging(run.connection, plans, table.id, program)
    moved = bool(result.rows_inserted or result.rows_deleted or result.frozen)
    if not changes and not moved:
        result.action, result.reason = Action.NO_DATA, RefreshReason.NO_CHANGES
    _advance(run, table, changed_contents=moved)


@contextmanager
def _patiently(run: Run, table: DynamicTable, result: RefreshResult, *, patient: bool) -> Iterator[None]:
    """Set what the program runs under; it is stopped when a full refresh will have been better, if that may be."""
    choice = None if patient else result.choice
    result.patience = patience(table, choice.full) if choice is not None else None
    timeouts = result.patience.timeouts if result.patience is not None else {}
    set_local(run.connection, {CLOCK: str(table.data_timestamp), **timeouts})
    yield
    if result.patience is not None:
        result.patience.lift(run.connection)


def _run(run: Run, table: DynamicTable, program: Program, logged: dict[str, str], result: RefreshResult) -> None:
    """Run a program, and log the columns of its output that others read."""

    def step(phase: str, sql: str, number: int, of: int) -> None:
        run.progress.step(phase, sql, number, of)
        if result.patience is not None:
            result.patience.tighten(run.connection)

    hands, counted = run.hands(table), None
    result.statements, result.rows_deleted, result.rows_inserted = run_program(hands, program, step)
    if program.output is not None and logged:
        counted = log_delta(hands, table.change_log, table.change_version + 1, logged, program.output)
    elif program.output is not None:
        counted = count_delta(hands, program.output)
    if counted is not None and program.whole:
        result.rows_inserted, result.rows_deleted = counted


def rebuild_reason(
    connection: psycopg.Connection, table: DynamicTable, system: str, present: Present
) -> RefreshReason | None:
    """Return why the changes are not enough, or None.

    Args:
        connection: at the snapshot of the refresh.
        table: to refresh.
        system: the server and database at work.
        present: its sources, at that snapshot.
    """
    if not table.incremental:
        return RefreshReason.FULL_MODE
    # Contents without a frontier were not computed here: no log is kept for them, and there is a reason.
    if table.data_timestamp is None or (table.frontier is None and table.reinitialize_reason is None):
        return RefreshReason.INITIAL
    if table.reinitialize_reason is not None:
        return RefreshReason(table.reinitialize_reason)
    if table.view_oid is None:
        return RefreshReason.VIEW_MISSING
    if table.system_identifier != system:
        return RefreshReason.OTHER_SERVER
    if not fits(present.prints, table):
        return RefreshReason.SOURCE_ALTERED
    if not calls_the_same(present.code, table):
        return RefreshReason.FUNCTION_CHANGED
    captured = {d.relation for d in table.dependencies if d.kind == "TABLE"}
    if captured & present.events:
        row = connection.execute(
            "SELECT min(e.kind) FROM dyntables.source_event e JOIN dyntables.dependency d USING (relation) "
            "WHERE d.dynamic_table_id = %s AND d.kind = 'TABLE' AND (e.columns IS NULL OR e.columns && d.columns) "
            "AND NOT pg_visible_in_snapshot(e.xid, %s::pg_snapshot)",
            (table.id, table.frontier),
        ).fetchone()
        assert row is not None
        if row[0]:
            return _EVENTS[row[0]]
    return RefreshReason.CAPTURE_MISSING if captured & present.uncaptured else None


_EVENTS = {
    "ALTERED": RefreshReason.SOURCE_ALTERED,
    "CAPTURE_MISSING": RefreshReason.CAPTURE_MISSING,
    "ROWS_MOVED": RefreshReason.ROWS_MOVED,
    "TRUNCATE": RefreshReason.SOURCE_TRUNCATED,
}


def _learn_code(run: Run, table: DynamicTable) -> None:
    """Write down what a table calls that was computed when nobody did so."""
    calls = read(run.connection, table, table.generation).calls
    store.update(run.connection, table.id, code=replaceable(run.connection, calls))


@dataclass(frozen=True, slots=True)
class _Changed:
    """A source with changes that the table has not consumed, and the number of rows that its log holds of them."""

    source: Source
    change: Change
    rows: int


def _changes(run: Run, table: DynamicTable, compiled: Compiled) -> list[_Changed]:
    """Find the sources with changes by one query that looks at each log once."""
    upstream = {d.relation: d.upstream for d in table.dependencies}
    owed = {}
    for source, columns in compiled.sources.items():
        if source.kind is SourceKind.TABLE:
            assert table.frontier is not None
            log, condition = log_table(source.oid), owed_condition(literal(table.frontier))
        else:
            parent = run.tables[upstream[source.oid] or 0]
            log, condition = parent.change_log, f"{VERSION} > {table.consumed.get(str(parent.id), 0)}"
        owed[source] = owed_rows(log, columns, condition)
    looks = ", ".join(f"(SELECT ARRAY[count(*), min({WEIGHT}), max({WEIGHT})] FROM {rows} o)" for rows in owed.values())
    found = run.connection.execute(f"SELECT {looks}").fetchone()
    assert found is not None
    hands = run.hands(table)
    changed = []
    for (source, rows), (count, least, most) in zip(owed.items(), found, strict=True):
        if count:
            lent = typed(hands.borrow(rows, f"dt{table.id}_c{source.oid}"), compiled.sources[source])
            # The log of a dynamic table may hold a row with its number of copies as the weight.
            changed.append(_Changed(source, Change(lent, appended=least == most == 1), count))
    return changed


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
