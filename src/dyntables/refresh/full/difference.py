"""Full refresh by difference: compute beside, compare, and apply only the rows that differ.

Storage, its indexes and the user's view stay: nothing is locked for readers, and little is written if little differs.
"""

from __future__ import annotations

from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import make_staging, quote_qualified
from dyntables.engines.postgres.rights.hands import Hands
from dyntables.engines.postgres.storage.differences import added, removed, shown_by
from dyntables.engines.postgres.storage.tables import analyze_delta, columns_of, count_delta, difference, log_delta
from dyntables.refresh.choice.form import Form, choose_form, load_forms
from dyntables.refresh.run import Run

_MOST = 0.3  # of the rows; if more differ, new storage is cheaper
_FEW = 1000  # so many may always differ


def is_cheaper(run: Run, table: DynamicTable) -> bool:
    """Tell whether a difference is the form to use."""
    return choose_form(load_forms(table.costs, table.version), run.data_timestamp.timestamp()) is Form.DIFF


def is_comparable(run: Run, table: DynamicTable) -> bool:
    """Tell whether a table has contents in one storage table that can be compared with others."""
    if table.incremental or table.data_timestamp is None or table.reinitialize_reason is not None:
        return False
    return shown_by(run.connection, quote_qualified(table.schema, table.name), table.view_oid, table.storage)


def apply_difference(
    run: Run, table: DynamicTable, new: str, rows: int, *, logged: bool = False, most: float = _MOST
) -> tuple[int, int] | None:
    """Apply what differs between the contents and the ``rows`` of a table; return how many were inserted and deleted.

    None, with nothing changed, if that is too much. ``logged``: the tables above have been told already. ``most``: the
    share of the rows that may differ.
    """
    delta = f"dt{table.id}_diff"
    columns = columns_of(run.connection, table.storage)
    if not columns or columns != columns_of(run.connection, new):
        return None
    hands = run.comparing_hands(table)
    compare = make_staging(hands.staging, delta, difference(table.storage, new, columns))
    differing = f"{hands.staging}.{delta}"
    analyze_delta(hands, differing, _step(run, hands, "compare", compare, 2))
    inserted, deleted = count_delta(hands, differing)
    if inserted + deleted > max(_FEW, most * rows):
        return None
    if deleted:
        _step(run, hands, "apply", removed(table.storage, differing, columns), 3)
    if inserted:
        _step(run, hands, "apply", added(table.storage, differing, columns), 4)
    if run.has_readers(table.id) and (inserted or deleted) and not logged:
        names = {c.id: quote_qualified(c.id) for c in columns}
        log_delta(hands, table.change_log, table.change_version + 1, names, differing)
    return inserted, deleted


def _step(run: Run, hands: Hands, phase: str, sql: str, number: int) -> int:
    run.progress.step(phase, sql, number, 4)
    return hands.run(sql)
