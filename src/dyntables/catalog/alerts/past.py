"""What is known of the past of tables, for rules that are tried on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dyntables.alerts.replay import Ended, Past
from dyntables.alerts.seen import LastRefresh
from dyntables.catalog.alerts.figures import row_estimates
from dyntables.catalog.connection import Connection

MOST_REFRESHES = 20_000

_ENDED = """
SELECT ended_at, first_ended_at, state, action, reason, duration_ms, error ->> 'message', previous_data_timestamp,
       data_timestamp, coalesce(longest_lag_seconds, extract(epoch FROM ended_at - previous_data_timestamp)::float8),
       coalesce(rows_inserted, 0) - coalesce(rows_deleted, 0)
FROM dyntables.refresh WHERE dynamic_table_id = %s AND ended_at > %s
    AND state IN ('SUCCEEDED', 'FAILED', 'UPSTREAM_FAILED') ORDER BY id DESC LIMIT %s
"""
_CHECKS = """
SELECT q.checked_at, q.rule_id, q.state = 'FAILED' FROM dyntables.quality_result q
JOIN dyntables.quality_rule r ON r.id = q.rule_id
WHERE r.dynamic_table_id = %s AND r.enabled AND r.severity <> 'INFO' AND q.checked_at > %s ORDER BY q.id LIMIT %s
"""
_LOOKED = "SELECT dyntables.looked_at(id, data_timestamp, system_identifier) FROM dyntables.dynamic_table WHERE id = %s"


def past_of(connection: Connection, table_id: int, begin: datetime) -> Past:
    """Return what has happened to a table since an instant; of very much, the newest."""
    rows = connection.execute(_ENDED, (table_id, begin, MOST_REFRESHES)).fetchall()
    ended = [
        Ended(at, first_at, LastRefresh(state, action, reason, duration or 0.0, message), before, after, lag, grown)
        for at, first_at, state, action, reason, duration, message, before, after, lag, grown in reversed(rows)
    ]
    looked = connection.execute(_LOOKED, (table_id,)).fetchone()
    return Past(
        ended,
        looked[0] if looked is not None else None,
        _failing(connection.execute(_CHECKS, (table_id, begin, MOST_REFRESHES)).fetchall()),
        row_estimates(connection, [table_id]).get(table_id),
    )


def _failing(rows: Sequence[tuple[datetime, int, bool]]) -> list[tuple[datetime, int]]:
    """Return how many rules failed, whenever that was found."""
    failing: set[int] = set()
    found = []
    for at, rule_id, failed in rows:
        (failing.add if failed else failing.discard)(rule_id)
        found.append((at, len(failing)))
    return found
