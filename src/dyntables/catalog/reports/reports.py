"""What the catalog's views say, as people read it: columns and rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dyntables.catalog.connection import Connection


@dataclass(frozen=True, slots=True)
class Report:
    """Names of columns, and rows."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


def captured_sources(connection: Connection) -> Report:
    """Say how each source is captured, and what its readers have not consumed; the second column is the state."""
    return _report(
        connection,
        "SELECT schema_name || '.' || name AS source, capture, array_to_string(columns, ', ') AS columns, "
        "tables_with_triggers AS tables, readers, slowest_reader, rows_owed, pg_size_pretty(bytes_owed) AS owed, "
        "generations, pg_size_pretty(log_bytes) AS log, pg_size_pretty(bytes_limit) AS limit "
        "FROM dyntables.sources ORDER BY 1",
    )


def lags_of_last_hour(connection: Connection) -> dict[tuple[str, str], tuple[float | None, ...]]:
    """Return mean, 95th percentile and maximum lag, and the share of time within the target, by schema and name."""
    rows = connection.execute(
        "SELECT schema_name, name, mean_lag_sec, p95_lag_sec, maximum_lag_sec, time_within_target_lag_ratio "
        "FROM dyntables.lag"
    )
    return {(schema, name): tuple(figures) for schema, name, *figures in rows}


def latest_refreshes(
    connection: Connection, *, schema: str | None = None, name: str | None = None, limit: int
) -> Report:
    """List the latest refreshes, of all tables or of those of that name."""
    return _report(
        connection,
        "SELECT refresh_start_time, qualified_name, state, refresh_action, refresh_reason, refresh_trigger, "
        "rows_inserted, rows_deleted, round(duration_ms::numeric, 1) AS duration_ms, state_message "
        "FROM dyntables.refresh_history WHERE (%(name)s::text IS NULL OR name = %(name)s) "
        "AND (%(schema)s::text IS NULL OR schema_name = %(schema)s) ORDER BY refresh_id DESC LIMIT %(limit)s",
        {"schema": schema, "name": name, "limit": limit},
    )


def ended_refreshes(connection: Connection) -> dict[int, tuple[str, str | None]]:
    """Return how the newest refresh of each table ended, and the message if it failed, by the table's id."""
    rows = connection.execute(
        "SELECT t.id, r.state, r.error ->> 'message' FROM dyntables.dynamic_table t JOIN LATERAL (SELECT * "
        "FROM dyntables.refresh r WHERE r.dynamic_table_id = t.id AND r.state <> 'SKIPPED' ORDER BY r.id DESC LIMIT 1) "
        "r ON true"
    )
    return {table_id: (state, message) for table_id, state, message in rows}


def lateness(connection: Connection, *, schema: str | None, name: str) -> Report:
    """Say what holds the tables of that name back."""
    return _report(
        connection,
        "SELECT w.* FROM dyntables.dynamic_table t, dyntables.why_late(t.id) w WHERE table_name = %(name)s "
        "AND (%(schema)s::text IS NULL OR schema_name = %(schema)s)",
        {"schema": schema, "name": name},
    )


def _report(connection: Connection, query: str, parameters: dict[str, Any] | None = None) -> Report:
    cursor = connection.execute(query, parameters)
    assert cursor.description is not None
    return Report([column.name for column in cursor.description], cursor.fetchall())
