"""The refreshes that run now, in any process: whoever refreshes a table holds, or waits for, its advisory lock.

A run holds the locks of all its tables; of those only the one at work is shown, as soon as it says so.
"""

from __future__ import annotations

import psycopg
from psycopg.rows import dict_row

from dyntables.server.read.refreshes.blockers import load_blockers
from dyntables.server.schemas.tables import Blocker, RunningRefresh

_RUNNING = """
SELECT t.id AS table_id, t.schema_name, t.table_name AS name,
       coalesce(p.started_at, a.xact_start, a.query_start) AS since,
       greatest(0, extract(epoch FROM clock_timestamp() - coalesce(p.started_at, a.xact_start, a.query_start)))::float8
           AS seconds,
       t.expected_seconds, p.percent / 100 AS progress, p.refresh_action AS action,
       CASE WHEN a.granted THEN coalesce(CASE WHEN a.working_on = t.id THEN a.phase END, p.phase, a.phase)
            ELSE 'waiting for another refresh of the table' END AS phase,
       nullif(p.statement, 0) AS statement, nullif(p.statements, 0) AS statements, p.rows_done, p.estimated_end,
       NOT a.granted AS waiting, a.wait_event_type || ': ' || a.wait_event AS wait_event, a.blocked_by,
       a.pid AS process_id, a.application_name AS application
FROM dyntables.activity a JOIN dyntables.dynamic_table t ON t.id = a.dynamic_table_id
LEFT JOIN dyntables.refresh_progress p ON p.pid = a.pid
WHERE coalesce(a.xact_start, a.query_start) IS NOT NULL
  AND (NOT a.granted OR p.pid IS NULL OR (p.schema_name, p.name) = (t.schema_name, t.table_name))
ORDER BY a.granted DESC, since, t.id
"""


def running(connection: psycopg.Connection) -> list[RunningRefresh]:
    """Return the refreshes that run, those that have begun first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(_RUNNING)
        found = [RunningRefresh.model_validate(row) for row in cursor]
    blocking = {pid for refresh in found for pid in refresh.blocked_by}
    if not blocking:
        return found
    chains = load_blockers(connection, blocking)
    return [r.model_copy(update={"blockers": _distinct(chains, r.blocked_by)}) for r in found]


def _distinct(chains: dict[int, list[Blocker]], pids: list[int]) -> list[Blocker]:
    return list({b.process_id: b for pid in pids for b in chains.get(pid, [])}.values())
