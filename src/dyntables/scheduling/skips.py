"""Record the refreshes that a table should have had and did not get, because it was still at work or no worker free."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from dyntables.catalog import Connection
from dyntables.catalog.model import DynamicTable, RefreshReason, RefreshState
from dyntables.refresh.record.repeats import Repeat, write_repeats
from dyntables.scheduling.crew import Job
from dyntables.scheduling.deadline import Due, missed_ticks


class Skips:
    """How many skipped ticks of each table have been recorded since it last could not start."""

    def __init__(self) -> None:
        self._recorded: dict[tuple[int, datetime], int] = {}

    def record(
        self,
        connection: Connection,
        tables: Mapping[int, DynamicTable],
        jobs: list[Job],
        waiting: list[Due],
        now: datetime,
    ) -> None:
        """Write into the history how many ticks have passed since the last look."""
        since: dict[int, tuple[datetime, RefreshReason]] = {}
        for item in waiting:
            since[item.table_id] = (item.start_at, RefreshReason.WORKERS_BUSY)
        for job in jobs:
            since.update({i: (job.started_at, RefreshReason.STILL_RUNNING) for i in job.targets})
        recorded: dict[tuple[int, datetime], int] = {}
        skipped: list[Repeat] = []
        for table_id, (start, reason) in since.items():
            if table_id not in tables or tables[table_id].contents.data_timestamp is None:
                continue
            key = (table_id, start)
            ticks = missed_ticks(tables[table_id], start, now)
            if ticks > self._recorded.get(key, 0):
                skipped.append(_skip(tables[table_id], reason, ticks - self._recorded.get(key, 0), now))
            if ticks:
                recorded[key] = ticks
        write_repeats(connection, skipped)
        self._recorded = recorded


def _skip(table: DynamicTable, reason: RefreshReason, count: int, now: datetime) -> Repeat:
    return Repeat(
        table.id, RefreshState.SKIPPED, reason, now, now, table.fresh_at, table.schedule.target_lag_seconds, count=count
    )
