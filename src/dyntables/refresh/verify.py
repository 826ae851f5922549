"""The oracle: a table's contents against its definition, in one snapshot, by EXCEPT ALL both ways.

With a frozen region, the rows outside are compared with those of the definition outside; the others are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import FROZEN, quote_qualified
from dyntables.compiler.plan.algebra.nodes import SqlType
from dyntables.engines.postgres.storage.tables import columns_of
from dyntables.refresh.result import Verification

if TYPE_CHECKING:
    from dyntables.refresh.run import Run


def compare(run: Run, table: DynamicTable, query: str) -> Verification:
    """Return how many rows of the definition are missing in the table, and how many it has too many.

    ``table``: as the refresh has left it. ``query``: of the rows that are maintained.
    """
    view = quote_qualified(table.schema, table.name)
    columns = columns_of(run.connection, view)
    items = ", ".join(quote_qualified(c.id) + ("" if _compared(c.type) else "::text") for c in columns) or "1"
    shown = f"({table.frozen['active']})" if table.frozen else view
    definition, contents = f"SELECT {items} FROM ({query}) d", f"SELECT {items} FROM {shown} v"
    missing, extra = run.hands(table).row(
        f"SELECT (SELECT count(*) FROM ({definition} EXCEPT ALL {contents}) m), "
        f"(SELECT count(*) FROM ({contents} EXCEPT ALL {definition}) e)"
    )
    frozen, outside = _frozen(run, table)
    extra += outside
    result, equal = run.results[table.id], missing == 0 and extra == 0
    return Verification(table.schema, table.name, equal, missing, extra, run.data_timestamp, result, frozen)


def _compared(type_: SqlType) -> bool:
    """Tell whether values are compared as they are: some types can only be hashed, and EXCEPT does one for all."""
    return type_.groupable and (type_.hashable or not type_.image_equal)


def _frozen(run: Run, table: DynamicTable) -> tuple[int | None, int]:
    """Return how many rows are frozen, and how many of these are outside the region."""
    if table.region is None or not table.frozen:
        return None, 0
    inside = f"count(*) FILTER (WHERE {table.region.predicate})"
    rows, within = run.hands(table).row(f"SELECT count(*), {inside} FROM {table.frozen['storage']} {FROZEN}")
    return rows, rows - within
