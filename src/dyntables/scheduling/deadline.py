"""When each table must start, as a pure function of what the catalog holds and the time.

A table's lag at its worst is the distance between two data timestamps plus the wait and the duration of the later
refresh; all of that has to fit into the target lag. So a refresh starts when the age of the contents reaches the target
lag less what the refresh is expected to take, with a reserve. There are no fixed ticks and no aligned periods. A cron
schedule stands beside the lag: whichever comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dyntables.catalog import graph
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.parts.schedule import SuspendReason
from dyntables.compiler.schedule import parse_schedule
from dyntables.refresh.standing import would_hold_back

_RESERVE = 0.25
_SHORTEST_WAIT = 0.25
_LONGEST_RESERVE = 60.0
_MOST_TICKS = 1000
_SOON = 0.1
_TOLERANCE = timedelta(seconds=5)
_ALWAYS = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Due:
    """A table, the instant at which its refresh must start, and the data timestamp for which that holds."""

    table_id: int
    start_at: datetime
    seen: datetime | None


def start_at(
    tables: Mapping[int, DynamicTable], table_id: int, delays: Mapping[int, float] | None = None
) -> datetime | None:
    """Return when a table must start for its own sake; None if it never starts by itself.

    Args:
        tables: the catalog.
        table_id: the table.
        delays: for some tables, by how many seconds their past refreshes ended later than planned.
    """
    table = tables[table_id]
    if table.schedule.suspend_reason is SuspendReason.ERRORS and table.schedule.scheduled:
        return table.health.retry_at
    if not table.schedule.runs_by_itself:
        return None
    chain = graph.refreshed_with(tables, [table_id], scheduled=True)
    instants = [i for i in (_by_lag(tables, table, chain, (delays or {}).get(table_id, 0.0)), _by_schedule(table)) if i]
    if not instants:
        return None
    # What a table reads is refreshed with it: while that waits for its next try, so does the table.
    retries = [at for i in chain if (at := tables[i].health.retry_at) is not None]
    return max([min(instants), *retries])


class Starts:
    """When each table must start, computed again only for those for which anything has changed."""

    def __init__(self) -> None:
        self._tables: dict[int, DynamicTable] = {}
        self._delays: dict[int, float] = {}
        self._at: dict[int, datetime | None] = {}

    def of(
        self, tables: Mapping[int, DynamicTable], delays: Mapping[int, float] | None = None
    ) -> Mapping[int, datetime | None]:
        """Return what ``start_at`` says of each table."""
        old, delays = self._tables, dict(delays or {})
        changed = [i for i, table in tables.items() if old.get(i) is not table]
        stale = {i for i, _ in delays.items() ^ self._delays.items()}
        dropped = old.keys() - tables.keys()
        if dropped:
            stale |= tables.keys()
        elif changed:
            stale |= graph.descendants(tables, *changed) | set(changed)
        if stale or dropped:
            self._at = {i: start_at(tables, i, delays) if i in stale else self._at[i] for i in tables}
            self._tables, self._delays = dict(tables), delays
        return self._at


def _by_lag(
    tables: Mapping[int, DynamicTable], table: DynamicTable, chain: Collection[int], delay: float
) -> datetime | None:
    if table.schedule.target_lag_seconds is None:
        return None
    if table.fresh_at is None:
        return _ALWAYS
    lag = float(table.schedule.target_lag_seconds)
    duration = sum(tables[i].health.expected_seconds for i in chain)
    reserve = min(lag * _RESERVE, _LONGEST_RESERVE)
    # What takes longer than the shortest wait is due again as soon as it has ended. So this keeps only those from
    # coming too often that take less than was expected, and still leaves them most of the lag.
    wait = max(lag * _SHORTEST_WAIT, lag - reserve - 2 * duration - delay)
    return table.fresh_at + timedelta(seconds=wait)


def _by_schedule(table: DynamicTable) -> datetime | None:
    if table.cron is None:
        return None
    return parse_schedule(table.cron).next_after(table.fresh_at or table.created_at, table.definition.time_zone)


def due(tables: Mapping[int, DynamicTable], starts: Mapping[int, datetime | None], now: datetime) -> list[Due]:
    """Return the tables that must start now, nearest deadline first; ``starts`` says when each must."""
    found = []
    for table_id, table in tables.items():
        at = starts[table_id]
        if at is not None and (at <= now or _from_the_future(table, now)):
            found.append(Due(table_id, min(at, now), table.contents.data_timestamp))
    return sorted(found, key=lambda d: (d.start_at, d.table_id))


def company(
    tables: Mapping[int, DynamicTable],
    starts: Mapping[int, datetime | None],
    starting: Collection[Due],
    now: datetime,
    busy: Collection[int] = (),
) -> list[Due]:
    """Return the tables that share work with those that start, and must start within a tenth of their lag anyway.

    To take them along saves refreshing what they share twice within moments. Left out is who waits for a retry, and who
    would hold back what it reads.
    """
    ids = {d.table_id for d in starting}
    shared = graph.refreshed_with(tables, ids, scheduled=True)
    found = []
    for table_id, table in tables.items():
        if (
            table_id in ids
            or table_id in busy
            or table.schedule.target_lag_seconds is None
            or not graph.upstream(tables, table_id)
        ):
            continue
        at = starts[table_id]
        if at is None or at > now + timedelta(seconds=table.schedule.target_lag_seconds * _SOON):
            continue
        chain = graph.refreshed_with(tables, [table_id], scheduled=True)
        waits = any(tables[i].health.retry_at is not None for i in chain)
        if chain & shared and not waits and not would_hold_back(tables, table_id):
            found.append(Due(table_id, min(at, now), table.contents.data_timestamp))
    return found


def _from_the_future(table: DynamicTable, now: datetime) -> bool:
    """Tell whether the server's clock has gone back since the last refresh; then nobody knows the table's age."""
    return table.health.retry_at is None and table.fresh_at is not None and table.fresh_at > now + _TOLERANCE


def next_start(starts: Mapping[int, datetime | None], busy: Collection[int] = ()) -> datetime | None:
    """Return the earliest instant at which any table that is not busy must start."""
    return min((at for i, at in starts.items() if at is not None and i not in busy), default=None)


def missed_ticks(table: DynamicTable, since: datetime, now: datetime) -> int:
    """Return how often a table would have started in a period in which it could not."""
    missed = 0
    if table.schedule.target_lag_seconds is not None:
        missed = int((now - since) / timedelta(seconds=table.schedule.target_lag_seconds))
    if table.cron is not None:
        schedule, zone, count, at = parse_schedule(table.cron), table.definition.time_zone, 0, since
        while count < _MOST_TICKS and (next_at := schedule.next_after(at, zone)) and next_at <= now:
            count, at = count + 1, next_at
        missed = max(missed, count)
    return min(missed, _MOST_TICKS)


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
