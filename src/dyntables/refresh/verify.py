"""The oracle: a table's contents against its definition, in one snapshot, by EXCEPT ALL both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import quote_qualified
from dyntables.engines.postgres.storage import columns_of
from dyntables.refresh.result import Verification

if TYPE_CHECKING:
    from dyntables.refresh.runner import Run


def compare(run: Run, table: DynamicTable) -> Verification:
    """Return how many rows of the definition are missing in the table, and how many it has too many."""
    view = quote_qualified(table.schema, table.name)
    columns = columns_of(run.connection, view)
    items = ", ".join(quote_qualified(c.id) + ("" if c.type.groupable else "::text") for c in columns) or "1"
    definition, contents = f"SELECT {items} FROM ({table.canonical}) d", f"SELECT {items} FROM {view} v"
    missing, extra = run.hands(table).row(
        f"SELECT (SELECT count(*) FROM ({definition} EXCEPT ALL {contents}) m), "
        f"(SELECT count(*) FROM ({contents} EXCEPT ALL {definition}) e)"
    )
    result = run.results[table.id]
    return Verification(
        table.schema, table.name, missing == 0 and extra == 0, missing, extra, run.data_timestamp, result
    )
