"""Full refresh: compute everything beside the present contents, then swap the user's view, or apply what differs.

Tables that read this one incrementally get the difference between old and new as a delta.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dyntables.catalog import store
from dyntables.catalog.model import Action, DynamicTable, RefreshReason, storage_name
from dyntables.compiler.lineage import lineage
from dyntables.compiler.names import make_staging, quote_qualified
from dyntables.compiler.program import Build, builds, layout, view_select
from dyntables.engines.postgres.called.code import replaceable
from dyntables.engines.postgres.connection.session import plan_quickly
from dyntables.engines.postgres.storage.tables import (
    build_statements,
    columns_of,
    difference,
    log_delta,
    renew_change_log,
    swap_view,
)
from dyntables.errors import EngineError, UnsupportedQueryError
from dyntables.refresh.choice.adaptive import source_rows
from dyntables.refresh.choice.form import Form, load_forms
from dyntables.refresh.full.compute import compute
from dyntables.refresh.full.difference import apply_difference, is_cheaper, is_comparable
from dyntables.refresh.full.frozen import before_rebuild, frozen_rows, in_force, record_frozen
from dyntables.refresh.incremental import mark_consumed
from dyntables.refresh.sources.definitions import Reading, ReadsOthersError, determined
from dyntables.refresh.sources.fingerprint import fingerprint
from dyntables.refresh.sources.plans import read

if TYPE_CHECKING:
    from dyntables.refresh.result import RefreshResult
    from dyntables.refresh.run import Run
    from dyntables.refresh.sources.plans import PlanCache


_TRIES, _FEW_TRIES = 40, 10


def rebuild(run: Run, table: DynamicTable, plans: PlanCache, result: RefreshResult) -> None:
    """Compute the table anew, and replace its contents in the cheaper form."""
    table = before_rebuild(run, table)
    reading = read(run.connection, table, table.generation + 1)
    if not {d.upstream for d in reading.dependencies} - {None} <= run.held:
        raise ReadsOthersError
    plan_quickly(run.connection, reading.calls.joined)
    if table.incremental and reading.compiled is None:
        _refuse_or_degrade(run, table, reading, result)
    select = determined(table, reading.compiled)
    settled = in_force(table) if table.region is not None else not table.frozen
    comparable = result.reason is RefreshReason.FULL_MODE and settled and is_comparable(run, table)
    if comparable and is_cheaper(run, table):
        computed = _compute_beside(run, table, reading, result)
        if apply_difference(run, table, computed, result):
            _finish(run, table, reading, result, changed=bool(result.rows_inserted or result.rows_deleted))
            return
        # The rows are there: only their order, which nobody was promised, may be another.
        select = f"SELECT * FROM {computed}"
        result.form_tried = Form.DIFF
    changed = _swap(run, table, reading, select, result, comparable=comparable)
    _finish(run, table, reading, result, changed=changed)


def _swap(
    run: Run, table: DynamicTable, reading: Reading, select: str, result: RefreshResult, *, comparable: bool
) -> bool:
    """Build the next generation of storage, point the user's view at it; tell if the contents may have changed.

    If readers hold the view for long, what differs is applied to the storage that they read: they see it when they
    look anew, and nobody waits.
    """
    new = _next(table, reading, select)
    plain = new.layout is None and select == determined(table, reading.compiled)
    frozen = frozen_rows(run, table, reading, result)
    result.rows = _build(run, table, new.parts, (reading, result) if plain else None)
    # What is frozen already is on both sides: only the rest is compared.
    apart = frozen.kept and bool(table.frozen)
    old, shown = (f"({table.frozen['active']})", new.shown) if apart else (_view(table), new.shown + frozen.shown)
    inserted, deleted, compared = result.rows + frozen.added, 0, False
    if table.view_oid is not None and table.data_timestamp is not None:
        compared = run.has_readers(table.id) and not _redefined(table)
        inserted, deleted = (
            _log_difference(run, table, old, shown) if compared else (inserted, _old_rows(run, table, old))
        )
    run.progress.step("swap", new.shown)
    try:
        tries = _FEW_TRIES if comparable else _TRIES
        swap_view(run.connection, run.hands(table), table.schema, table.name, new.shown + frozen.shown, tries=tries)
    except EngineError:
        storage = new.parts[-1].storage
        if not comparable or not apply_difference(run, table, storage, result, logged=compared, most=math.inf):
            raise
        run.hands(table).run(f"DROP TABLE {storage}")
        return bool(result.rows_inserted or result.rows_deleted)
    result.rows_inserted, result.rows_deleted, result.full_form = inserted, deleted, Form.SWAP
    store.update(run.connection, table.id, generation=table.generation + 1, layout=new.layout)
    record_frozen(run, table, frozen, new.shown, table.generation + 1)
    run.rebuilt.append(table.id)
    return not compared or bool(inserted or deleted)


@dataclass(frozen=True, slots=True)
class _Next:
    """The next generation of storage, and the query of the user's view over it; ``layout`` of hidden state."""

    parts: list[Build]
    shown: str
    layout: str | None


def _next(table: DynamicTable, reading: Reading, select: str) -> _Next:
    compiled = reading.compiled
    if table.incremental and compiled is not None:
        return _Next(builds(compiled), view_select(compiled), layout(compiled))
    storage = storage_name(table.id, table.generation + 1)
    cluster = tuple(f"({c})" for c in table.options.get("cluster_by") or ())
    return _Next([Build(storage, select, cluster, unique=False)], f"SELECT * FROM {storage}", None)


def _redefined(table: DynamicTable) -> bool:
    """Tell whether the table was replaced: the contents may have other columns, and the tables above compute anew.

    Another layout of storage alone changes no column, and the tables above rely on the difference.
    """
    return table.reinitialize_reason == RefreshReason.DEFINITION_CHANGED


def _finish(run: Run, table: DynamicTable, reading: Reading, result: RefreshResult, *, changed: bool) -> None:
    """Record what the contents were computed from."""
    connection = run.connection
    changed = changed or bool(result.frozen)
    row = connection.execute(
        "SELECT oid, pg_get_userbyid(relowner) FROM pg_class WHERE oid = %s::regclass", (_view(table),)
    ).fetchone()
    assert row is not None
    # A table belongs to whom its view belongs: not to the owner of one that has taken the name meanwhile.
    if row[1] != table.owner != connection.info.user:
        raise EngineError(f'another view has taken the name "{table.qualified}"', retryable=True)
    if _redefined(table):
        renew_change_log(connection, table.change_log, table.schema, table.name)
    store.replace_dependencies(connection, table.id, reading.dependencies)
    store.replace_lineage(connection, table.id, lineage(reading.compiled) if reading.compiled is not None else ())
    store.update(
        connection,
        table.id,
        view_oid=row[0],
        fingerprint=fingerprint(connection, reading.dependencies),
        code=replaceable(connection, reading.calls) if reading.compiled is not None else {},
        change_version=table.change_version + (1 if changed else 0),
    )
    result.source_rows = source_rows(connection, run.tables, reading.dependencies)
    mark_consumed(run, table)


def _compute_beside(run: Run, table: DynamicTable, reading: Reading, result: RefreshResult) -> str:
    """Compute the query into a temporary table; return its name."""
    hands, name = run.hands(table), f"dt{table.id}_new"

    def step(query: str) -> int:
        sql = make_staging(hands.staging, name, query, large=True)
        run.progress.step("build", sql, 1, 4)
        return hands.run(sql)

    result.rows = run.progress.rows = compute(run, table, reading, result, step)
    return f"{hands.staging}.{name}"


def _build(run: Run, table: DynamicTable, parts: list[Build], plain: tuple[Reading, RefreshResult] | None) -> int:
    """Build all storage tables; return the rows of the last. ``plain``: given if it is the whole query."""
    hands = run.hands(table)
    sites = [replace(part, storage=hands.site(part.storage)) for part in parts]
    statements = [(at, phase, sql) for at, site in enumerate(sites) for phase, sql in build_statements(site)]
    rows = 0
    for number, (at, phase, sql) in enumerate(statements, start=1):

        def step(query: str | None, phase: str = phase, sql: str = sql, number: int = number) -> int:
            text = sql if query is None else build_statements(replace(sites[-1], select=query))[0][1]
            run.progress.step(phase, text, number, len(statements))
            return hands.run(text)

        done = compute(run, table, *plain, step) if plain is not None and phase == "build" else step(None)
        if phase == "build":
            rows = done
            run.progress.rows += done
        if phase == "analyze":
            hands.settle(parts[at].storage)
    return rows


def _refuse_or_degrade(run: Run, table: DynamicTable, reading: Reading, result: RefreshResult) -> None:
    """A definition that stopped being incremental falls back to FULL, loudly, unless INCREMENTAL was asked for."""
    assert reading.reason is not None
    if table.refresh_mode == "INCREMENTAL":
        raise UnsupportedQueryError(
            f'"{table.qualified}" can no longer be refreshed incrementally: {reading.reason.detail}',
            hint=reading.reason.hint,
        )
    result.action, result.reason = Action.FULL, RefreshReason.NOT_INCREMENTAL
    reasons = [{"reason": reading.reason.reason, "detail": reading.reason.detail}]
    store.update(run.connection, table.id, effective_mode="FULL", mode_reasons=reasons)


def _log_difference(run: Run, table: DynamicTable, old: str, select: str) -> tuple[int, int]:
    """Log what the swap is about to change; return the rows inserted and deleted."""
    columns = columns_of(run.connection, _view(table))
    delta = difference(f"{old} o", f"({select}) n", columns)
    run.progress.step("compare", delta)
    names = {c.id: quote_qualified(c.id) for c in columns}
    return log_delta(run.comparing_hands(table), table.change_log, table.change_version + 1, names, f"({delta})")


def _old_rows(run: Run, table: DynamicTable, old: str) -> int:
    """Return the rows of the old contents: remembered for what is always refreshed in full, else counted."""
    remembered = load_forms(table.costs, table.version).rows
    if remembered is not None and not table.incremental:
        return remembered
    return int(run.hands(table).row(f"SELECT count(*) FROM {old} o")[0])


def _view(table: DynamicTable) -> str:
    return quote_qualified(table.schema, table.name)
