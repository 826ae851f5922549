"""Figures by name: what is shown live, stored over time and given to Prometheus."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import psutil
import psycopg
from psycopg.rows import dict_row

from dyntables.scheduling.scheduler import Scheduler
from dyntables.server.read.definitions.sources import load_sources
from dyntables.server.read.system.overview import ACTIVITY, read_resources
from dyntables.server.read.tables.listed import load

_COUNT_TO = 50_000

# Name → unit and meaning.
NAMES: dict[str, tuple[str, str]] = {
    "lag_seconds": ("s", "How old the contents of a table are."),
    "refresh_ms": ("ms", "What a refresh of a table took, of those that did work."),
    "rows_per_second": ("rows/s", "Rows that refreshes wrote to a table."),
    "refreshes": ("", "Refreshes of a table that had something to do, in a slot."),
    "failures": ("", "Refreshes of a table that failed in a slot."),
    "table_bytes": ("bytes", "Size of a table's storage."),
    "backlog_rows": ("rows", "Changes of a source that its slowest reader has not consumed."),
    "log_bytes": ("bytes", "Size of a source's change log."),
    "changes_per_second": ("rows/s", "Rows that refreshes applied, over the last minute."),
    "server_cpu_percent": ("%", "Processor time of this process."),
    "server_memory_bytes": ("bytes", "Memory of this process."),
    "server_read_bytes_per_second": ("bytes/s", "What this process read from disks."),
    "server_write_bytes_per_second": ("bytes/s", "What this process wrote to disks."),
    "machine_cpu_percent": ("%", "Processor time of the machine."),
    "machine_memory_percent": ("%", "Memory of the machine that is in use."),
    "database_bytes": ("bytes", "Size of the database."),
    "storage_bytes": ("bytes", "Size of all storage and change logs."),
    "connections": ("", "Connections to the server."),
    "max_connections": ("", "Connections that the server takes."),
    "scheduler_leads": ("", "Whether the scheduler of this process leads: 1 or 0."),
    "leader_epoch": ("", "Which leader schedules: it grows with each new one."),
    "leader_seconds": ("s", "For how long the present leader has led."),
    "look_seconds": ("s", "What the last look for tables that are due took; of the leader only."),
    "history_rows": ("rows", "Refreshes in the history, estimated."),
    "history_bytes": ("bytes", "Size of the history of refreshes."),
    "oldest_xid_age": ("", "Age of the oldest transaction id that the database has not frozen."),
    "oldest_snapshot_age": ("", "Age of the oldest transaction id that a session holds back from being cleaned up."),
    "database_cache_hit_ratio": ("", "Share of blocks that the database found in its memory."),
    "database_read_bytes_per_second": ("bytes/s", "Blocks that the database asked the system for."),
    "database_transactions_per_second": ("/s", "Transactions of the database."),
    "database_rows_written_per_second": ("rows/s", "Rows that the database inserted, updated or deleted."),
}

_REFRESHES = """
SELECT t.schema_name || '.' || t.table_name, count(*) FILTER (WHERE r.action <> 'NO_DATA'),
       count(*) FILTER (WHERE r.state = 'FAILED'),
       coalesce(sum(coalesce(r.rows_inserted, 0) + coalesce(r.rows_deleted, 0)), 0)::float8,
       avg(r.duration_ms) FILTER (WHERE r.action <> 'NO_DATA' AND r.state = 'SUCCEEDED')
FROM dyntables.refresh r JOIN dyntables.dynamic_table t ON t.id = r.dynamic_table_id
WHERE r.ended_at > %s AND r.ended_at <= %s GROUP BY 1
"""
_ACTIVITY = """
SELECT blks_read::float8 * current_setting('block_size')::integer,
       blks_hit::float8 * current_setting('block_size')::integer,
       xact_commit + xact_rollback, tup_inserted + tup_updated + tup_deleted
FROM pg_stat_database WHERE datname = current_database()
"""


_UPKEEP = """
SELECT l.epoch AS leader_epoch, extract(epoch FROM clock_timestamp() - l.since) AS leader_seconds,
    h.rows AS history_rows, h.bytes AS history_bytes,
    (SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()) AS oldest_xid_age,
    (SELECT max(age(backend_xmin)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()) AS oldest_snapshot_age
FROM dyntables.leader l, LATERAL (
    SELECT sum(greatest(c.reltuples, 0)) AS rows, sum(pg_total_relation_size(c.oid)) AS bytes
    FROM pg_class c WHERE c.relkind = 'r' AND (c.oid = 'dyntables.refresh'::regclass
        OR c.oid IN (SELECT relid FROM pg_partition_tree('dyntables.refresh')))) h
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value now; ``object`` is the table or source that it is of, or empty."""

    name: str
    value: float
    object: str = ""


def live_figures(connection: psycopg.Connection) -> dict[str, float]:
    """Return the figures that the first page follows."""
    activity = connection.execute(ACTIVITY).fetchone()
    assert activity is not None
    resources = read_resources(connection)
    values = {"changes_per_second": activity[0], **resources.model_dump()}
    return {name: float(value) for name, value in values.items() if value is not None}


def upkeep_figures(connection: psycopg.Connection, scheduler: Scheduler | None) -> dict[str, float]:
    """Return what tells of years: who leads, how the history grows, how transaction ids age."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_UPKEEP).fetchone()
    found = {name: float(value) for name, value in (row or {}).items() if value is not None}
    found["scheduler_leads"] = float(scheduler is not None and scheduler.leading)
    if scheduler is not None and scheduler.leading:
        found["look_seconds"] = scheduler.look_seconds
    return found


def all_figures(connection: psycopg.Connection, since: datetime, until: datetime) -> list[Figure]:
    """Return everything that is stored, for a slot of time that has just ended."""
    return [
        *(Figure(name, value) for name, value in live_figures(connection).items()),
        *_of_tables(connection),
        *_of_refreshes(connection, since, until),
        *_of_sources(connection),
        *_rates.between(connection, (until - since).total_seconds()),
    ]


def _of_tables(connection: psycopg.Connection) -> Iterator[Figure]:
    for table in load(connection).tables.values():
        if table.lag_seconds is not None:
            yield Figure("lag_seconds", table.lag_seconds, table.qualified_name)
        yield Figure("table_bytes", table.bytes, table.qualified_name)


def _of_refreshes(connection: psycopg.Connection, since: datetime, until: datetime) -> Iterator[Figure]:
    seconds = max(0.001, (until - since).total_seconds())
    for name, count, failed, rows, milliseconds in connection.execute(_REFRESHES, (since, until)).fetchall():
        yield Figure("refreshes", count, name)
        yield Figure("failures", failed, name)
        yield Figure("rows_per_second", rows / seconds, name)
        if milliseconds is not None:
            yield Figure("refresh_ms", milliseconds, name)


def _of_sources(connection: psycopg.Connection) -> Iterator[Figure]:
    for source in load_sources(connection, count_to=_COUNT_TO):
        if source.captured:
            name = f"{source.schema_name}.{source.name}"
            yield Figure("backlog_rows", source.backlog_rows, name)
            yield Figure("log_bytes", source.log_bytes, name)


class _Rates:
    """Counters that only grow, as rates between two looks."""

    def __init__(self) -> None:
        self._before: dict[str, float] = {}
        self._process = psutil.Process(os.getpid())

    def between(self, connection: psycopg.Connection, seconds: float) -> Iterator[Figure]:
        """Yield the rates since the last look; after the first look, nothing."""
        now = self._counters(connection)
        grown = {name: value - self._before[name] for name, value in now.items() if name in self._before}
        self._before = now
        if not grown or seconds <= 0:
            return
        read, hit = grown.pop("read"), grown.pop("hit")
        if read + hit > 0:
            yield Figure("database_cache_hit_ratio", hit / (read + hit))
        yield Figure("database_read_bytes_per_second", read / seconds)
        for name, value in grown.items():
            yield Figure(name, max(0.0, value) / seconds)

    def _counters(self, connection: psycopg.Connection) -> dict[str, float]:
        row = connection.execute(_ACTIVITY).fetchone()
        assert row is not None
        counters = {
            "read": row[0],
            "hit": row[1],
            "database_transactions_per_second": row[2],
            "database_rows_written_per_second": row[3],
        }
        io_counters = getattr(self._process, "io_counters", None)
        if io_counters is not None:
            done = io_counters()
            counters["server_read_bytes_per_second"] = done.read_bytes
            counters["server_write_bytes_per_second"] = done.write_bytes
        return counters


_rates = _Rates()
