"""Refresh a table over inputs that stand at one frontier: they are read as they are, and nobody keeps them busy.

Law: a table that reads nothing but dynamic tables has, over the contents of these in any snapshot in which they all
stand at the frontier F, the contents that its definition has at F. So it needs no snapshot of its own, its frontier and
data timestamp become theirs, and a slow table does not hold back the commits of a fast one below it.

What may not happen meanwhile is a swap of an input's storage: its name would lead to a table whose rows are newer than
the snapshot. A standing refresh shares a lock with others of its kind that a rebuild takes alone, until its commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from dyntables.catalog import graph
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.parts.dependency import DependencyKind

_SLOW = 0.1


def common_frontier(tables: Mapping[int, DynamicTable], table_id: int) -> tuple[str, datetime] | None:
    """Return frontier and data timestamp of what a table reads, if these are one, and not older than its own."""
    table = tables[table_id]
    if table.definition.options.uses_clock or table.contents.data_timestamp is None or not table.dependencies:
        return None
    if any(d.upstream is None and d.kind is not DependencyKind.VIEW for d in table.dependencies):
        return None
    parents = [tables[u].contents for u in graph.upstream(tables, table_id)]
    stands = {(p.frontier, p.data_timestamp, p.system_identifier) for p in parents}
    if len(stands) != 1 or any(p.reinitialize_reason for p in parents):
        return None
    frontier, data_timestamp, _ = stands.pop()
    if frontier is None or data_timestamp is None or data_timestamp < table.contents.data_timestamp:
        return None
    return frontier, data_timestamp


def would_hold_back(tables: Mapping[int, DynamicTable], table_id: int) -> bool:
    """Tell whether a table takes so long that what it reads, and keeps fresh by itself, would suffer."""
    schedules = [tables[u].schedule for u in graph.upstream(tables, table_id)]
    lags = [s.target_lag_seconds for s in schedules if s.runs_by_itself and s.target_lag_seconds is not None]
    return len(lags) == len(schedules) > 0 and tables[table_id].health.expected_seconds > _SLOW * min(lags)
