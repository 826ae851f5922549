"""The oracle: a table's contents against its definition, in one snapshot, by EXCEPT ALL both ways.

With a frozen region, the rows outside are compared with those of the definition outside; the others are counted.
"""

from __future__ import annotations

from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import quote_qualified
from dyntables.refresh.quality.splitting import all_rows
from dyntables.refresh.result import Verification
from dyntables.refresh.run import Run


def compare(run: Run, table: DynamicTable, query: str) -> Verification:
    """Return how many rows of the definition are missing in the table, and how many it has too many.

    ``table``: as the refresh has left it. ``query``: of the rows that are maintained.
    """
    view = quote_qualified(table.schema, table.name)
    # Of a table that keeps rows back, these are rows of the definition as well.
    shown = f"({table.contents.frozen['active']})" if table.contents.frozen else all_rows(table)
    storage = run.workspace(table).storage
    missing, extra = storage.compare(query, shown, storage.columns(view))
    rows, outside = _frozen(run, table)
    equal = missing == 0 and extra + outside == 0
    return Verification(
        table.schema, table.name, equal, missing, extra + outside, run.data_timestamp, run.results[table.id], rows
    )


def _frozen(run: Run, table: DynamicTable) -> tuple[int | None, int]:
    """Return how many rows are frozen, and how many of these are outside the region."""
    if table.region is None or not table.contents.frozen:
        return None, 0
    rows, within = run.workspace(table).frozen.count(table.contents.frozen["storage"], table.region.predicate)
    return rows, rows - within
