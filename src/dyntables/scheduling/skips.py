"""Record the refreshes that a table should have had and did not get, because it was still at work or no worker free."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

import psycopg

from dyntables.catalog.model import DynamicTable, RefreshReason
from dyntables.scheduling.crew import Job
from dyntables.scheduling.deadline import Due, missed_ticks


class Skips:
    """How many skipped ticks of each table have been recorded since it last could not start."""

    def __init__(self) -> None:
        self._recorded: dict[tuple[int, datetime], int] = {}

    def record(
        self,
        connection: psycopg.Connection,
        tables: Mapping[int, DynamicTable],
        jobs: list[Job],
        waiting: list[Due],
        now: datetime,
    ) -> None:
        """Write a row of the history for each tick that passed since the last look."""
        since: dict[int, tuple[datetime, RefreshReason]] = {}
        for item in waiting:
            since[item.table_id] = (item.start_at, RefreshReason.WORKERS_BUSY)
        for job in jobs:
            since.update({i: (job.started_at, RefreshReason.STILL_RUNNING) for i in job.targets})
        recorded: dict[tuple[int, datetime], int] = {}
        for table_id, (start, reason) in since.items():
            if table_id not in tables or tables[table_id].data_timestamp is None:
                continue
            key = (table_id, start)
            ticks = missed_ticks(tables[table_id], start, now)
            for _ in range(ticks - self._recorded.get(key, 0)):
                _write(connection, tables[table_id], reason)
            if ticks:
                recorded[key] = ticks
        self._recorded = recorded


def _write(connection: psycopg.Connection, table: DynamicTable, reason: RefreshReason) -> None:
    connection.execute(
        "INSERT INTO dyntables.refresh (dynamic_table_id, run, trigger, state, action, reason, started_at, ended_at, "
        "duration_ms, target_lag_seconds, previous_data_timestamp) SELECT id, %s, 'SCHEDULED', 'SKIPPED', 'NO_DATA', "
        "%s, clock_timestamp(), clock_timestamp(), 0, target_lag_seconds, data_timestamp "
        "FROM dyntables.dynamic_table WHERE id = %s",
        (uuid.uuid4(), reason, table.id),
    )
