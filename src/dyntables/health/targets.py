"""How old the contents of each table may be, for their own sake and for that of who reads them."""

from __future__ import annotations

from collections.abc import Mapping

from dyntables.catalog import graph
from dyntables.catalog.model import DynamicTable


def effective_targets(tables: Mapping[int, DynamicTable]) -> dict[int, int | None]:
    """Return each table's target lag; that of a DOWNSTREAM table is the shortest of those that read it."""
    found: dict[int, int | None] = {}
    readers = readers_of(tables)
    for table_id in reversed(graph.topological(tables, tables)):
        own = tables[table_id].schedule.target_lag_seconds
        above = [found[r] for r in readers[table_id]]
        found[table_id] = own if own is not None else min((b for b in above if b is not None), default=None)
    return found


def readers_of(tables: Mapping[int, DynamicTable]) -> dict[int, list[int]]:
    """Return, for each table, the tables that read it directly."""
    found: dict[int, list[int]] = {table_id: [] for table_id in tables}
    for table_id in tables:
        for parent in graph.upstream(tables, table_id):
            found[parent].append(table_id)
    return found
