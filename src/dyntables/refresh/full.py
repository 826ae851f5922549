"""Full refresh: compute everything beside the present contents, then swap the user's view.

Tables that read this one incrementally get the difference between old and new as a delta.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dyntables.catalog import store
from dyntables.catalog.model import Action, DynamicTable, RefreshReason, storage_name
from dyntables.compiler.lineage import lineage
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.program import Build, builds, layout, view_select
from dyntables.engines.postgres.storage import build, columns_of, difference, log_delta, swap_view
from dyntables.errors import UnsupportedQueryError
from dyntables.refresh.definitions import Reading
from dyntables.refresh.fingerprint import fingerprint
from dyntables.refresh.incremental import mark_consumed
from dyntables.refresh.plans import read

if TYPE_CHECKING:
    from dyntables.refresh.plans import PlanCache
    from dyntables.refresh.result import RefreshResult
    from dyntables.refresh.runner import Run


def rebuild(run: Run, table: DynamicTable, plans: PlanCache, result: RefreshResult) -> None:
    """Compute the table anew in the next generation of storage, and swap."""
    generation = table.generation + 1
    reading = read(run.connection, table, generation)
    old_rows = 0
    incremental = table.incremental and reading.compiled is not None
    if table.incremental and reading.compiled is None:
        _refuse_or_degrade(run, table, reading, result)
    if incremental:
        assert reading.compiled is not None
        parts = builds(reading.compiled)
        select = view_select(reading.compiled)
    else:
        storage = storage_name(table.id, generation)
        cluster = tuple(table.options.get("cluster_by") or ())
        parts = [Build(storage, table.canonical, tuple(f"({c})" for c in cluster), unique=False)]
        select = f"SELECT * FROM {storage}"
    rows = 0
    for part in parts:
        rows = build(run.hands(table), part)
    view = quote_qualified(table.schema, table.name)
    first = table.view_oid is None
    changed = True
    redefined = result.reason is RefreshReason.DEFINITION_CHANGED
    if not first and table.data_timestamp is not None and run.has_readers(table.id) and not redefined:
        rows, old_rows = _log_difference(run, table, view, select)
        changed = bool(rows or old_rows)
    elif table.data_timestamp is not None and not first:
        old_rows = run.hands(table).row(f"SELECT count(*) FROM {view}")[0]
    swap_view(run.connection, run.hands(table), table.schema, table.name, select)
    result.rows_inserted, result.rows_deleted = rows, old_rows
    row = run.connection.execute("SELECT %s::regclass::oid", (view,)).fetchone()
    assert row is not None
    store.replace_dependencies(run.connection, table.id, reading.dependencies)
    store.replace_lineage(run.connection, table.id, lineage(reading.compiled) if reading.compiled is not None else ())
    store.update(
        run.connection,
        table.id,
        generation=generation,
        layout=layout(reading.compiled) if incremental and reading.compiled is not None else None,
        view_oid=row[0],
        fingerprint=fingerprint(run.connection, reading.dependencies),
        change_version=table.change_version + (1 if changed else 0),
    )
    mark_consumed(run, table)
    run.rebuilt.append(table.id)


def _refuse_or_degrade(run: Run, table: DynamicTable, reading: Reading, result: RefreshResult) -> None:
    """A definition that stopped being incremental falls back to FULL, loudly, unless INCREMENTAL was asked for."""
    assert reading.reason is not None
    if table.refresh_mode == "INCREMENTAL":
        raise UnsupportedQueryError(
            f'"{table.qualified}" can no longer be refreshed incrementally: {reading.reason.detail}',
            hint=reading.reason.hint,
        )
    result.action, result.reason = Action.FULL, RefreshReason.DEFINITION_CHANGED
    reasons = [{"reason": reading.reason.reason, "detail": reading.reason.detail}]
    store.update(run.connection, table.id, effective_mode="FULL", mode_reasons=reasons)


def _log_difference(run: Run, table: DynamicTable, view: str, select: str) -> tuple[int, int]:
    """Log what the swap is about to change; return the rows inserted and deleted."""
    columns = columns_of(run.connection, view)
    delta = difference(f"{view} o", f"({select}) n", columns)
    names = {c.id: quote_qualified(c.id) for c in columns}
    return log_delta(run.hands(table), table.change_log, table.change_version + 1, names, f"({delta})")
