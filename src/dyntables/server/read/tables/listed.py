"""Dynamic tables with all that lists and pages show of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from dyntables import clock
from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable as Row
from dyntables.catalog.options import POSTGRESQL
from dyntables.catalog.quality.results import Standing, standings
from dyntables.catalog.reports import checkup
from dyntables.compiler.statements import TargetLag
from dyntables.errors import NotFoundError
from dyntables.health.judge import Status
from dyntables.health.lag import lag_at
from dyntables.health.targets import effective_targets, readers_of
from dyntables.scheduling.deadline import start_at
from dyntables.server.read.refreshes.running import running
from dyntables.server.read.tables.ddl import render_ddl
from dyntables.server.read.tables.judged import judge_row
from dyntables.server.read.tables.options import settable
from dyntables.server.schemas.tables import (
    DefinitionVersion,
    DynamicTable,
    Finding,
    HealthCause,
    LastRefresh,
    ModeReason,
    QualityStanding,
    RunningRefresh,
    TableColumn,
    TableDetail,
    TableSource,
)

_FIGURES = """
WITH storage AS (
    SELECT substring(relname FROM '^t([0-9]+)_g')::bigint AS id,
           substring(relname FROM '_g([0-9]+)')::integer AS generation,
           sum(dyntables.size_of(oid))::bigint AS bytes,
           max(greatest(reltuples, 0)) FILTER (WHERE relname !~ '_s[0-9]+$')::bigint AS rows
    FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace AND relkind = 'r' AND relname !~ '_frozen$'
      AND (%(id)s::bigint IS NULL OR relname ~ ('^t' || %(id)s::text || '_g'))
    GROUP BY 1, 2)
SELECT t.id, t.created_at, t.suspended_at,
    coalesce(s.bytes, 0) + coalesce(dyntables.size_of(to_regclass(t.frozen ->> 'storage')), 0) AS bytes,
    s.rows + coalesce((t.frozen ->> 'rows')::bigint, 0) AS rows, l.last, h.lags, w.ratio
FROM dyntables.dynamic_table t
LEFT JOIN storage s ON (s.id, s.generation) = (t.id, t.generation)
LEFT JOIN LATERAL (
    SELECT jsonb_build_object('id', r.id, 'state', r.state, 'action', r.action, 'reason', r.reason,
        'trigger', r.trigger, 'started_at', r.started_at, 'ended_at', r.ended_at, 'duration_ms', r.duration_ms,
        'rows_inserted', r.rows_inserted, 'rows_deleted', r.rows_deleted, 'count', r.count,
        'error_message', r.error ->> 'message') AS last
    FROM dyntables.refresh r WHERE r.dynamic_table_id = t.id AND r.state <> 'SKIPPED'
    ORDER BY r.id DESC LIMIT 1) l ON true
LEFT JOIN LATERAL (
    SELECT array_agg(x.lag ORDER BY x.id) AS lags FROM (
        SELECT r.id, coalesce(r.longest_lag_seconds, extract(epoch FROM r.ended_at - r.previous_data_timestamp)::float8)
            AS lag FROM dyntables.refresh r
        WHERE r.dynamic_table_id = t.id AND r.previous_data_timestamp IS NOT NULL AND r.state = 'SUCCEEDED'
        ORDER BY r.id DESC LIMIT 30) x) h ON true
LEFT JOIN LATERAL (
    -- Of each stretch between the ends of two refreshes, the part in which the lag was over the target.
    SELECT 1 - (sum(late) / nullif(sum(whole), 0))::float8 AS ratio FROM (
        SELECT extract(epoch FROM ended - began) AS whole, greatest(0, extract(epoch FROM
            ended - greatest(began, before + t.target_lag_seconds * interval '1 s'))) AS late FROM (
            SELECT r.ended_at AS ended, r.previous_data_timestamp AS before, coalesce(
                       lag(r.ended_at) OVER (ORDER BY r.id), greatest(t.created_at, now() - interval '1 hour')) AS began
            FROM dyntables.refresh r WHERE r.dynamic_table_id = t.id AND r.ended_at > now() - interval '1 hour'
              AND r.state = 'SUCCEEDED' AND r.previous_data_timestamp IS NOT NULL
            UNION ALL
            SELECT clock_timestamp(), coalesce(dyntables.looked_at(t.id, t.data_timestamp, t.system_identifier),
                t.data_timestamp), greatest(now() - interval '1 hour', (
                SELECT max(r.ended_at) FROM dyntables.refresh r WHERE r.dynamic_table_id = t.id
                AND r.state = 'SUCCEEDED' AND r.ended_at > now() - interval '1 hour'))) x
        WHERE began IS NOT NULL) y) w ON t.target_lag_seconds IS NOT NULL AND t.data_timestamp IS NOT NULL
WHERE %(id)s::bigint IS NULL OR t.id = %(id)s
"""

_SOURCES = """
SELECT CASE WHEN d.upstream_id IS NOT NULL THEN 't' || d.upstream_id ELSE 'r' || d.relation END AS node,
       coalesce(n.nspname, '') AS schema_name, coalesce(c.relname, d.relation::text) AS name, d.kind, d.columns
FROM dyntables.dependency d LEFT JOIN pg_class c ON c.oid = d.relation
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE d.dynamic_table_id = %s ORDER BY d.kind, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """All dynamic tables, as the catalog has them and as lists show them, by id."""

    rows: dict[int, Row]
    tables: dict[int, DynamicTable]
    running: list[RunningRefresh]


@dataclass(frozen=True, slots=True)
class TableFilter:
    """Which tables to list; None does not matter. ``after`` is the schema and name of the last one before."""

    text: str | None = None
    schema_name: str | None = None
    statuses: list[Status] | None = None
    mode: str | None = None
    after: tuple[str, ...] | None = None

    def takes(self, table: DynamicTable) -> bool:
        """Tell whether a table is wanted."""
        return (
            (self.text is None or self.text.lower() in f"{table.qualified_name} {table.comment or ''}".lower())
            and self.schema_name in (None, table.schema_name)
            and (self.statuses is None or table.status in self.statuses)
            and self.mode in (None, table.mode)
            and (self.after is None or (table.schema_name, table.name) > self.after)
        )


def load(connection: psycopg.Connection) -> Listed:
    """Return all dynamic tables, ordered by schema and name."""
    return _load(connection, store.load_all(connection), None)


def load_one(connection: psycopg.Connection, schema: str, name: str) -> tuple[Row, DynamicTable]:
    """Return one of the tables, as the catalog has it and as lists show it.

    Raises:
        NotFoundError: there is none of that name.
    """
    rows = store.load_all(connection)
    table_id = next((i for i, row in rows.items() if (row.schema, row.name) == (schema, name)), None)
    # It may have been dropped between the two looks.
    tables = {} if table_id is None else _load(connection, rows, table_id).tables
    if table_id is None or table_id not in tables:
        raise NotFoundError(f'dynamic table "{schema}.{name}" does not exist')
    return rows[table_id], tables[table_id]


def _load(connection: psycopg.Connection, rows: dict[int, Row], only: int | None) -> Listed:
    """Return all tables, or one of them: its figures are read alone, what reads it counts all the same."""
    with connection.cursor(row_factory=dict_row) as cursor:
        figures = {row["id"]: row for row in cursor.execute(_FIGURES, {"id": only})}
    at_work = running(connection)
    around = _Around(
        rows,
        effective_targets(rows),
        readers_of(rows),
        {r.table_id: r for r in reversed(at_work)},
        standings(connection)[0],
    )
    tables = {
        i: _describe(i, figures[i], around)
        for i in sorted(rows, key=lambda i: (rows[i].schema, rows[i].name))
        if i in figures
    }
    return Listed(rows, tables, at_work)


def find(listed: Listed, schema: str, name: str) -> DynamicTable:
    """Return one of the tables.

    Raises:
        NotFoundError: there is none of that name.
    """
    for table in listed.tables.values():
        if (table.schema_name, table.name) == (schema, name):
            return table
    raise NotFoundError(f'dynamic table "{schema}.{name}" does not exist')


def find_row(connection: psycopg.Connection, schema: str, name: str) -> Row:
    """Return one table as the catalog has it.

    Raises:
        NotFoundError: there is none of that name.
    """
    row = store.find(connection, schema, name)
    if row is None:
        raise NotFoundError(f'dynamic table "{schema}.{name}" does not exist')
    return row


def detail(connection: psycopg.Connection, schema: str, name: str) -> TableDetail:
    """Return one table with its definition.

    Raises:
        NotFoundError: there is none of that name.
    """
    row, table = load_one(connection, schema, name)
    columns = connection.execute(
        "SELECT column_name, data_type FROM dyntables.dynamic_table_column WHERE dynamic_table_id = %s "
        "ORDER BY position",
        (table.id,),
    ).fetchall()
    with connection.cursor(row_factory=dict_row) as cursor:
        sources = [TableSource.model_validate(s) for s in cursor.execute(_SOURCES, (table.id,))]
    return TableDetail(
        **dict(table),
        etag=etag(row),
        definition=row.definition.query,
        ddl=render_ddl(connection, row, [c for c, _ in columns]),
        dialect=row.definition.options.dialect or POSTGRESQL,
        search_path=row.definition.search_path,
        time_zone=row.definition.time_zone,
        initialize=row.definition.initialize,
        retention_days=row.retention_days,
        options=row.definition.options.document(),
        settable=settable(row),
        settings=row.definition.all_settings,
        columns=[TableColumn(name=c, type=t) for c, t in columns],
        sources=sources,
    )


def etag(row: Row) -> str:
    """Return a mark of everything that a person can change about a table."""
    definition, schedule = row.definition, row.schedule
    state = (
        row.id, definition.version, row.schema, row.name, schedule.target_lag_seconds, schedule.scheduled, row.comment,
        str(schedule.scheduling_state), str(definition.refresh_mode), str(definition.options),
    )  # fmt: skip
    return f'"{hashlib.sha256(repr(state).encode()).hexdigest()[:20]}"'


def versions(connection: psycopg.Connection, table_id: int) -> list[DefinitionVersion]:
    """Return the definitions that a table has had, the newest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "SELECT version, query AS definition, created_at, created_by FROM dyntables.definition_version "
            "WHERE dynamic_table_id = %s ORDER BY version DESC",
            (table_id,),
        )
        return [DefinitionVersion.model_validate(row) for row in cursor]


def why_late(connection: psycopg.Connection, table_id: int) -> list[Finding]:
    """Return what holds a table back."""
    return [Finding(finding=finding, detail=text) for finding, text in checkup.why_late(connection, table_id)]


@dataclass(frozen=True, slots=True)
class _Around:
    """What is known of all tables, by id."""

    rows: Mapping[int, Row]
    targets: Mapping[int, int | None]
    readers: Mapping[int, list[int]]
    at_work: Mapping[int, RunningRefresh]
    quality: Mapping[int, Standing]


def shown_standing(standing: Standing | None) -> QualityStanding | None:
    """Return how a table stands as the API shows it."""
    return QualityStanding.model_validate(standing, from_attributes=True) if standing is not None else None


def _describe(table_id: int, figures: dict[str, Any], around: _Around) -> DynamicTable:
    rows, targets, readers = around.rows, around.targets, around.readers
    row, at_work, quality = rows[table_id], around.at_work.get(table_id), around.quality.get(table_id)
    last = LastRefresh.model_validate(figures["last"]) if figures["last"] else None
    now = clock.now()
    judged = judge_row(row, now, targets[table_id], last, at_work, quality)
    return DynamicTable(
        id=row.id,
        schema_name=row.schema,
        name=row.name,
        qualified_name=row.qualified,
        owner=row.owner,
        comment=row.comment,
        created_at=figures["created_at"],
        version=row.definition.version,
        mode=row.definition.effective_mode,
        requested_mode=row.definition.refresh_mode,
        mode_reasons=[ModeReason.model_validate(r) for r in row.definition.mode_reasons],
        scheduling_state=row.schedule.scheduling_state,
        suspend_reason=row.schedule.suspend_reason,
        suspended_at=figures["suspended_at"],
        scheduled=row.schedule.scheduled,
        target_lag=str(TargetLag(row.schedule.target_lag_seconds)),
        target_lag_seconds=row.schedule.target_lag_seconds,
        schedule=row.cron,
        effective_target_lag_seconds=targets[table_id],
        lag_seconds=lag_at(row.fresh_at, now),
        data_timestamp=row.fresh_at,
        next_refresh_at=start_at(rows, table_id) if row.fresh_at is not None else None,
        within_target_ratio=figures["ratio"],
        recent_lags=figures["lags"] or [],
        rows=figures["rows"],
        bytes=figures["bytes"],
        last_refresh=last,
        running=at_work,
        consecutive_failures=row.health.consecutive_failures,
        retry_at=row.health.retry_at,
        expected_seconds=row.health.expected_seconds,
        upstream=sorted(d.qualified for i in row_upstream(row) if (d := rows.get(i)) is not None),
        downstream=sorted(rows[i].qualified for i in readers[table_id]),
        status=judged.status,
        health=judged.health,
        quality=shown_standing(quality),
        causes=[HealthCause(aspect=c.aspect, health=c.health, message=c.message) for c in judged.causes],
    )


def row_upstream(row: Row) -> list[int]:
    """Return the ids of the dynamic tables that one reads."""
    return [d.upstream for d in row.dependencies if d.upstream is not None]
