"""Full refresh: compute everything beside the present contents, then swap the user's view, or apply what differs.

Tables that read this one incrementally get the difference between old and new as a delta.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable, RefreshReason, storage_name
from dyntables.catalog.parts.definition import EffectiveMode
from dyntables.catalog.state import contents
from dyntables.compiler.lineage import lineage
from dyntables.compiler.names import all_of, make_staging, quote_qualified
from dyntables.compiler.program import Build, builds, layout, view_select
from dyntables.compiler.quality.quarantine import Split
from dyntables.compiler.statements import RefreshMode
from dyntables.errors import EngineError, UnsupportedQueryError
from dyntables.refresh.choice.adaptive import counts, source_rows
from dyntables.refresh.choice.decision import Rebuild
from dyntables.refresh.choice.form import Form, load_forms
from dyntables.refresh.full.compute import compute
from dyntables.refresh.full.difference import apply_difference, is_cheaper, is_comparable
from dyntables.refresh.full.frozen import before_rebuild, frozen_rows, in_force, record_frozen
from dyntables.refresh.incremental import mark_consumed
from dyntables.refresh.quality.splitting import present_split, recount, split_anew
from dyntables.refresh.result import Computed, Rebuilt, Work
from dyntables.refresh.run import Run, ended
from dyntables.refresh.sources.definitions import Reading, ReadsOthersError, determined
from dyntables.refresh.sources.fingerprint import code_of, fingerprint
from dyntables.refresh.sources.plans import PlanCache, read

_TRIES, _FEW_TRIES = 40, 10


@dataclass(frozen=True, slots=True)
class _Put:
    """New contents in their place; ``changed``: whether they may differ. ``kept``: the frozen rows stayed."""

    form: Form
    computed: Computed
    inserted: int
    deleted: int
    changed: bool
    kept: bool = True


@dataclass(frozen=True, slots=True)
class _Want:
    """What is to be computed: as the query, or from rows that are computed already.

    ``comparable``: what differs may be applied to the present storage instead.
    """

    reading: Reading
    select: str
    comparable: bool
    computed: Computed | None = None


def rebuild(run: Run, table: DynamicTable, plans: PlanCache, decision: Rebuild, frozen: int) -> Work:
    """Compute the table anew, and replace its contents in the cheaper form.

    ``frozen``: rows that have just left what is maintained, as the boundary of the frozen region passed them.
    """
    table = before_rebuild(run, table)
    reading = read(run.connection, table, table.contents.generation + 1)
    if not {d.upstream for d in reading.dependencies} - {None} <= run.held:
        raise ReadsOthersError
    run.engine.session.plan_quickly(reading.calls.joined)
    if table.incremental and reading.compiled is None:
        _refuse_or_degrade(run, table, reading)
        decision = replace(decision, reason=RefreshReason.NOT_INCREMENTAL)
    settled = in_force(table) if table.region is not None else not table.contents.frozen
    comparable = decision.reason is RefreshReason.FULL_MODE and settled and is_comparable(run, table)
    put = _put(run, table, _Want(reading, determined(table, reading.compiled), comparable))
    began = Form.DIFF if comparable and put.form is Form.SWAP and is_cheaper(run, table) else None
    frozen = frozen if put.kept else 0
    _finish(run, table, reading, changed=put.changed or bool(frozen))
    rebuilt = Rebuilt(
        put.form, put.computed, began, source_rows(run.engine.sizes, run.tables, reading.dependencies), decision.spent
    )
    # What was frozen left what is maintained, and not the table.
    deleted = max(0, put.deleted - frozen)
    changes, statements = counts(decision.changes), ended(decision)
    return Work(
        decision.action, decision.reason, put.inserted, deleted, changes, statements, decision.choice, rebuilt, frozen
    )


def _put(run: Run, table: DynamicTable, want: _Want) -> _Put:
    """Compute what is wanted, and put it in place by the form that is cheaper."""
    if not want.comparable or not is_cheaper(run, table):
        return _swap(run, table, want)
    computed, at = _compute_beside(run, table, want.reading)
    applied = apply_difference(run, table, at, computed.rows)
    if applied is not None:
        return _Put(Form.DIFF, computed, *applied, changed=any(applied))
    # The rows are there: only their order, which nobody was promised, may be another.
    return _swap(run, table, replace(want, select=all_of(at), computed=computed))


def _swap(run: Run, table: DynamicTable, want: _Want) -> _Put:
    """Build the next generation of storage, and point the user's view at it.

    If readers hold the view for long, what differs is applied to the storage that they read: they see it when they
    look anew, and nobody waits.
    """
    new = _next(table, want)
    frozen = frozen_rows(run, table, want.reading)
    computed = _build(run, table, new, want)
    rows = new.shown + frozen.shown
    split, shown = _split(run, table, want, rows)
    # What is frozen already is on both sides: only the rest is compared.
    apart = frozen.kept and bool(table.contents.frozen) and split is None and present_split(table) is None
    old = f"({table.contents.frozen['active']})" if apart else _view(table)
    inserted, deleted, compared = computed.rows + frozen.added, 0, False
    if table.view_oid is not None and table.contents.data_timestamp is not None:
        compared = run.has_readers(table.id) and not _redefined(table)
        inserted, deleted = (
            _log_difference(run, table, old, new.shown if apart else shown)
            if compared
            else (inserted, _old_rows(run, table, old))
        )
    run.progress.step("swap", new.shown)
    tries = _FEW_TRIES if want.comparable else _TRIES
    workspace = run.workspace(table)
    try:
        workspace.storage.show(table.schema, table.name, shown, tries=tries)
    except EngineError:
        storage = new.parts[-1].storage
        applied = (
            apply_difference(run, table, storage, computed.rows, logged=compared, most=math.inf)
            if want.comparable and split == present_split(table)
            else None
        )
        if applied is None:
            raise
        workspace.storage.drop(storage)
        return _Put(Form.DIFF, computed, *applied, changed=any(applied))
    split_anew(workspace, run.connection, table, split, rows)
    recount(workspace, run.connection, table, split, f"({rows})", run.data_timestamp)
    contents.record_generation(run.connection, table.id, table.contents.generation + 1, new.layout)
    record_frozen(run, table, frozen, new.shown, table.contents.generation + 1)
    # Of rows that wait the comparison knows nothing.
    changed = not compared or bool(inserted or deleted) or split is not None or present_split(table) is not None
    return _Put(Form.SWAP, computed, inserted, deleted, changed, frozen.kept)


@dataclass(frozen=True, slots=True)
class _Next:
    """The next generation of storage, and the query of the user's view over it; ``layout`` of hidden state."""

    parts: list[Build]
    shown: str
    layout: str | None


def _next(table: DynamicTable, want: _Want) -> _Next:
    compiled = want.reading.compiled
    if table.incremental and compiled is not None:
        return _Next(builds(compiled), view_select(compiled), layout(compiled))
    storage = storage_name(table.id, table.contents.generation + 1)
    cluster = tuple(f"({c})" for c in table.definition.options.cluster_by)
    return _Next([Build(storage, want.select, cluster, unique=False)], all_of(storage), None)


def _redefined(table: DynamicTable) -> bool:
    """Tell whether the table was replaced: the contents may have other columns, and the tables above compute anew.

    Another layout of storage alone changes no column, and the tables above rely on the difference.
    """
    return table.contents.reinitialize_reason == RefreshReason.DEFINITION_CHANGED


def _finish(run: Run, table: DynamicTable, reading: Reading, *, changed: bool) -> None:
    """Record what the contents were computed from."""
    connection = run.connection
    view_oid, owner = run.workspace(table).storage.view(table.schema, table.name)
    # A table belongs to whom its view belongs: not to the owner of one that has taken the name meanwhile.
    if owner != table.owner != connection.info.user:
        raise EngineError(f'another view has taken the name "{table.qualified}"', retryable=True)
    if _redefined(table):
        run.engine.changes.renew(table.change_log, table.schema, table.name)
    store.replace_dependencies(connection, table.id, reading.dependencies)
    store.replace_lineage(connection, table.id, lineage(reading.compiled) if reading.compiled is not None else ())
    contents.record_computed_from(
        connection,
        table.id,
        view_oid=view_oid,
        fingerprint=fingerprint(connection, reading.dependencies),
        code=code_of(connection, reading.calls) if reading.compiled is not None else {},
        change_version=table.contents.change_version + (1 if changed else 0),
    )
    mark_consumed(run, table)


def _compute_beside(run: Run, table: DynamicTable, reading: Reading) -> tuple[Computed, str]:
    """Compute the query into a temporary table; return what came of it, and the table's name."""
    workspace, name = run.workspace(table), f"dt{table.id}_new"

    def step(query: str) -> int:
        sql = make_staging(workspace.staging, name, query, large=True)
        run.progress.step("build", sql, 1, 4)
        return workspace.run(sql)

    computed = compute(run, table, reading, step)
    run.progress.rows = computed.rows
    return computed, f"{workspace.staging}.{name}"


def _build(run: Run, table: DynamicTable, new: _Next, want: _Want) -> Computed:
    """Build all storage tables; return what came of the last."""
    workspace, parts = run.workspace(table), new.parts
    storage = workspace.storage
    statements = [(part, phase, sql) for part in parts for phase, sql in storage.steps(part)]
    whole = new.layout is None and want.computed is None
    computed = want.computed or Computed(0)
    for number, (part, phase, sql) in enumerate(statements, start=1):

        def step(query: str | None, phase: str = phase, sql: str = sql, number: int = number) -> int:
            text = sql if query is None else storage.steps(replace(parts[-1], select=query))[0][1]
            run.progress.step(phase, text, number, len(statements))
            return workspace.run(text)

        if phase == "build" and whole:
            computed = compute(run, table, want.reading, step)
        elif phase == "build":
            computed = replace(computed, rows=step(None))
        else:
            step(None)
        if phase == "build":
            run.progress.rows += computed.rows
        if phase == "analyze":
            storage.settle(part.storage)
    return computed


def _refuse_or_degrade(run: Run, table: DynamicTable, reading: Reading) -> None:
    """A definition that stopped being incremental falls back to FULL, loudly, unless INCREMENTAL was asked for."""
    assert reading.reason is not None
    if table.definition.refresh_mode is RefreshMode.INCREMENTAL:
        raise UnsupportedQueryError(
            f'"{table.qualified}" can no longer be refreshed incrementally: {reading.reason.detail}',
            hint=reading.reason.hint,
        )
    reasons = [{"reason": reading.reason.reason, "detail": reading.reason.detail}]
    contents.record_mode(run.connection, table.id, EffectiveMode.FULL, reasons)


def _log_difference(run: Run, table: DynamicTable, old: str, select: str) -> tuple[int, int]:
    """Log what the swap is about to change; return the rows inserted and deleted."""
    workspace = run.comparing(table)
    columns = workspace.storage.columns(_view(table))
    delta = workspace.deltas.difference(f"{old} o", f"({select}) n", columns)
    run.progress.step("compare", delta)
    names = {c.id: quote_qualified(c.id) for c in columns}
    return workspace.deltas.log(table.change_log, table.contents.change_version + 1, names, f"({delta})")


def _old_rows(run: Run, table: DynamicTable, old: str) -> int:
    """Return the rows of the old contents: remembered for what is always refreshed in full, else counted."""
    remembered = load_forms(table.health.costs, table.definition.version).rows
    if remembered is not None and not table.incremental:
        return remembered
    return run.workspace(table).storage.count(old)


def _split(run: Run, table: DynamicTable, want: _Want, rows: str) -> tuple[Split | None, str]:
    """Have the rules of the table look at its new rows, while nobody waits for them yet.

    Return how these are split, and the query of those that the table shows.

    Raises:
        QualityBlockedError: they break a rule. RefreshError: it is not known whether they do.
    """
    assert run.attempt is not None
    watching = run.attempt.watching = run.watch(table)
    if watching is None:
        return None, rows
    run.progress.step("check", rows)
    watching.look_at(f"({rows})")
    split = watching.split(table, [name for name, _ in want.reading.described.view.columns])
    return split, rows if split is None else split.shown(f"({rows})")


def _view(table: DynamicTable) -> str:
    return quote_qualified(table.schema, table.name)
