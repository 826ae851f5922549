"""Full refresh by difference: compute beside, compare, and apply only the rows that differ.

Storage, its indexes and the user's view stay: nothing is locked for readers, and little is written if little differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import WEIGHT, make_staging, quote_qualified
from dyntables.engines.postgres.rights.hands import Hands
from dyntables.engines.postgres.storage.tables import analyze_delta, columns_of, count_delta, difference, log_delta
from dyntables.refresh.choice.form import Form, choose_form, load_forms

if TYPE_CHECKING:
    from dyntables.compiler.plan.algebra.nodes import Column
    from dyntables.refresh.result import RefreshResult
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
    row = run.connection.execute(
        "SELECT to_regclass(%s) = %s AND to_regclass(%s) IS NOT NULL",
        (quote_qualified(table.schema, table.name), table.view_oid, table.storage),
    ).fetchone()
    return bool(row and row[0])


def apply_difference(
    run: Run, table: DynamicTable, new: str, result: RefreshResult, *, logged: bool = False, most: float = _MOST
) -> bool:
    """Apply what differs between the contents and the rows of a table; change nothing, and say so, if it is too much.

    ``logged``: the tables above have been told already. ``most``: the share of the rows that may differ.
    """
    delta = f"dt{table.id}_diff"
    columns = columns_of(run.connection, table.storage)
    if not columns or columns != columns_of(run.connection, new):
        return False
    assert result.rows is not None
    hands = run.comparing_hands(table)
    compare = make_staging(hands.staging, delta, difference(table.storage, new, columns))
    differing = f"{hands.staging}.{delta}"
    analyze_delta(hands, differing, _step(run, hands, "compare", compare, 2))
    inserted, deleted = count_delta(hands, differing)
    if inserted + deleted > max(_FEW, most * result.rows):
        return False
    if deleted:
        _step(run, hands, "apply", _delete(table.storage, differing, columns), 3)
    if inserted:
        items = ", ".join(quote_qualified(c.id) for c in columns)
        insert = f"INSERT INTO {table.storage} ({items}) SELECT {items} FROM {differing} d"
        _step(run, hands, "apply", f"{insert}, generate_series(1, d.{WEIGHT}) WHERE d.{WEIGHT} > 0", 4)
    if run.has_readers(table.id) and (inserted or deleted) and not logged:
        names = {c.id: quote_qualified(c.id) for c in columns}
        log_delta(hands, table.change_log, table.change_version + 1, names, differing)
    result.rows_inserted, result.rows_deleted, result.full_form = inserted, deleted, Form.DIFF
    return True


def _step(run: Run, hands: Hands, phase: str, sql: str, number: int) -> int:
    run.progress.step(phase, sql, number, 4)
    return hands.run(sql)


def _delete(storage: str, delta: str, columns: tuple[Column, ...]) -> str:
    """Return the statement that deletes as many copies of each row as the delta says."""
    image_s, image_d = (f"ROW({', '.join(f'{a}.{quote_qualified(c.id)}' for c in columns)})::text" for a in "sd")
    copies = (
        f"SELECT s.ctid AS place, row_number() OVER (PARTITION BY {image_s}) AS copy, d.{WEIGHT} AS weight "
        f"FROM {storage} s JOIN {delta} d ON {image_s} = {image_d} WHERE d.{WEIGHT} < 0"
    )
    return f"DELETE FROM {storage} WHERE ctid = ANY (ARRAY(SELECT place FROM ({copies}) c WHERE copy <= - weight))"
