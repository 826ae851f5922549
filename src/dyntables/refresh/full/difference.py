"""Full refresh by difference: compute beside, compare, and apply only the rows that differ.

Storage, its indexes and the user's view stay: nothing is locked for readers, and little is written if little differs.
"""

from __future__ import annotations

from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import make_staging, quote_qualified
from dyntables.engines.port import Workspace
from dyntables.refresh.choice.form import Form, choose_form, load_forms
from dyntables.refresh.quality.splitting import follow_rows, present_split
from dyntables.refresh.run import Run

_MOST = 0.3  # of the rows; if more differ, new storage is cheaper
_FEW = 1000  # so many may always differ


def is_cheaper(run: Run, table: DynamicTable) -> bool:
    """Tell whether a difference is the form to use."""
    forms = load_forms(table.health.costs, table.definition.version)
    return choose_form(forms, run.data_timestamp.timestamp()) is Form.DIFF


def is_comparable(run: Run, table: DynamicTable) -> bool:
    """Tell whether a table has contents in one storage table that can be compared with others."""
    if table.incremental or table.contents.data_timestamp is None or table.contents.reinitialize_reason is not None:
        return False
    return run.workspace(table).storage.shows(table.schema, table.name, table.view_oid, table.storage)


def apply_difference(
    run: Run, table: DynamicTable, new: str, rows: int, *, logged: bool = False, most: float = _MOST
) -> tuple[int, int] | None:
    """Apply what differs between the contents and the ``rows`` of a table; return how many were inserted and deleted.

    None, with nothing changed, if that is too much. ``logged``: the tables above have been told already. ``most``: the
    share of the rows that may differ.
    """
    delta = f"dt{table.id}_diff"
    workspace = run.comparing(table)
    columns, deltas = workspace.storage.columns(table.storage), workspace.deltas
    if not columns or columns != workspace.storage.columns(new):
        return None
    compare = make_staging(workspace.staging, delta, deltas.difference(table.storage, new, columns))
    differing = f"{workspace.staging}.{delta}"
    deltas.analyze(differing, _step(run, workspace, "compare", compare, 2))
    inserted, deleted = deltas.totals(differing)
    if inserted + deleted > max(_FEW, most * rows):
        return None
    if deleted:
        _step(run, workspace, "apply", deltas.removal(table.storage, differing, columns), 3)
    if inserted:
        _step(run, workspace, "apply", deltas.addition(table.storage, differing, columns), 4)
    split = present_split(table)
    if run.has_readers(table.id) and (inserted or deleted) and not logged:
        names = {c.id: quote_qualified(c.id) for c in columns}
        published = split.passing(differing) if split is not None else differing
        deltas.log(table.change_log, table.contents.change_version + 1, names, published)
    _follow(run, table, differing)
    if split is not None:
        follow_rows(workspace, run.connection, split, differing, run.data_timestamp)
    return inserted, deleted


def _follow(run: Run, table: DynamicTable, differing: str) -> None:
    """Have the rules of the table look at what differs, unless they have seen all its new rows."""
    assert run.attempt is not None
    if run.attempt.watching is None:
        watching = run.attempt.watching = run.watch(table)
        if watching is not None:
            watching.follow(differing)


def _step(run: Run, workspace: Workspace, phase: str, sql: str, number: int) -> int:
    run.progress.step(phase, sql, number, 4)
    return workspace.run(sql)
