"""When each table must start, as a pure function of what the catalog holds and the time.

A table's lag at its worst is the distance between two data timestamps plus the wait and the duration of the later
refresh; all of that has to fit into the target lag. So a refresh starts when the age of the contents reaches the target
lag less what the refresh is expected to take, with a reserve. There are no fixed ticks and no aligned periods.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dyntables.catalog import graph
from dyntables.catalog.model import DynamicTable

_RESERVE = 0.25
_LONGEST_RESERVE = 60.0


@dataclass(frozen=True, slots=True)
class Due:
    """A table and the instant at which its refresh must start."""

    table_id: int
    start_at: datetime


def start_at(tables: Mapping[int, DynamicTable], table_id: int) -> datetime | None:
    """Return when a table with a target lag of its own must start; None if it never starts by itself."""
    table = tables[table_id]
    if table.scheduling_state != "RUNNING" or not table.scheduled or table.target_lag_seconds is None:
        return None
    if table.data_timestamp is None:
        begin = datetime.fromtimestamp(0).astimezone()
    else:
        lag = float(table.target_lag_seconds)
        chain = graph.ancestors(tables, [table_id])
        duration = sum(tables[i].expected_seconds for i in chain)
        reserve = min(lag * _RESERVE, _LONGEST_RESERVE)
        wait = max(lag * 0.05, lag - reserve - 2 * duration)
        begin = table.data_timestamp + timedelta(seconds=wait)
    return max(begin, table.retry_at) if table.retry_at is not None else begin


def due(tables: Mapping[int, DynamicTable], now: datetime) -> list[Due]:
    """Return the tables that must start now, nearest deadline first."""
    found = [Due(i, at) for i in tables if (at := start_at(tables, i)) is not None and at <= now]
    return sorted(found, key=lambda d: (d.start_at, d.table_id))


def next_start(tables: Mapping[int, DynamicTable], busy: Collection[int] = ()) -> datetime | None:
    """Return the earliest instant at which any table that is not busy must start."""
    return min((at for i in tables if i not in busy and (at := start_at(tables, i)) is not None), default=None)


def batches(tables: Mapping[int, DynamicTable], starting: list[Due]) -> list[list[int]]:
    """Group the due tables by connected pipeline; each group is refreshed at one snapshot, in one transaction.

    Pipelines are connected by dynamic tables that read dynamic tables, not by shared sources.
    """
    groups: list[tuple[set[int], list[int]]] = []
    for item in starting:
        reach = graph.ancestors(tables, [item.table_id])
        merged: list[int] = [item.table_id]
        apart = []
        for other_reach, members in groups:
            if other_reach & reach:
                reach |= other_reach
                merged = members + merged
            else:
                apart.append((other_reach, members))
        groups = [*apart, (reach, merged)]
    order = {item.table_id: n for n, item in enumerate(starting)}
    return sorted((members for _, members in groups), key=lambda m: min(order[i] for i in m))
