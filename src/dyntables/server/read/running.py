"""The refreshes that run now, in any process: whoever refreshes a table holds, or waits for, its advisory lock."""

from __future__ import annotations

import psycopg
from psycopg.rows import dict_row

from dyntables.refresh.idle import LOCK_CLASS
from dyntables.server.schemas.tables import RunningRefresh

_RUNNING = """
SELECT t.id AS table_id, t.schema_name, t.table_name AS name, coalesce(a.xact_start, a.query_start) AS since,
       extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.query_start))::float8 AS seconds,
       t.expected_seconds,
       CASE WHEN l.granted AND t.expected_seconds > 0 THEN least(0.99,
           extract(epoch FROM clock_timestamp() - a.xact_start) / t.expected_seconds)::float8 END AS progress,
       CASE WHEN NOT l.granted THEN 'waiting for another refresh of the table' ELSE coalesce(
           (SELECT 'building an index: ' || phase FROM pg_stat_progress_create_index p WHERE p.pid = l.pid),
           (SELECT 'gathering statistics: ' || phase FROM pg_stat_progress_analyze p WHERE p.pid = l.pid),
           CASE a.state WHEN 'active' THEN 'computing' ELSE 'between statements' END) END AS phase,
       NOT l.granted AS waiting, a.wait_event_type || ': ' || a.wait_event AS wait_event,
       CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(l.pid) ELSE '{}' END AS blocked_by,
       l.pid AS process_id, a.application_name AS application
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN dyntables.dynamic_table t ON t.id = l.objid
WHERE l.locktype = 'advisory' AND l.classid = %s AND l.objsubid = 2
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND coalesce(a.xact_start, a.query_start) IS NOT NULL
ORDER BY l.granted DESC, since, t.id
"""


def running(connection: psycopg.Connection) -> list[RunningRefresh]:
    """Return the refreshes that run, those that have begun first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(_RUNNING, (LOCK_CLASS,))
        return [RunningRefresh.model_validate(row) for row in cursor]


def cancel(connection: psycopg.Connection, table_id: int) -> list[int]:
    """Cancel the refreshes of a table that run; return the server processes that were told."""
    rows = connection.execute(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND objsubid = 2 "
        "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (LOCK_CLASS, table_id),
    ).fetchall()
    # One after the other: as a condition above, the server might try it on processes that hold no such lock.
    return [pid for (pid,) in rows if _cancel(connection, pid)]


def _cancel(connection: psycopg.Connection, pid: int) -> bool:
    row = connection.execute("SELECT pg_cancel_backend(%s)", (pid,)).fetchone()
    return bool(row and row[0])
