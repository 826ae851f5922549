"""What alerts leave behind is kept as long as the history of refreshes: events, messages, silences, what is over."""

from __future__ import annotations

from dyntables.catalog.connection import Connection

# Each with the condition of what is over; "old" stands for the end of the retention.
_OVER = {
    "alert_event": "at < old",
    "alert_message": "state IN ('SENT', 'DEAD') AND created_at < old",
    "alert_silence": "ends_at < old",
    "alert_incident": "resolved_at < old",
    # What a channel still believes to fire has to be told as resolved, whatever its age.
    "alert": "state IN ('normal', 'resolved') AND since < old AND NOT EXISTS (SELECT FROM dyntables.alert_group g "
    "WHERE g.told @> ARRAY[t.fingerprint])",
    "alert_group": "told = '{}' AND opened_at IS NULL AND coalesce(told_at, '-infinity') < old",
}
_DELETE = """
DELETE FROM dyntables.{table} WHERE ctid = ANY (ARRAY(
    SELECT t.ctid FROM dyntables.{table} t, (SELECT now() - value::interval AS old FROM dyntables.setting
    WHERE name = 'history_retention') kept WHERE {over} LIMIT %s))
"""


def delete_old(connection: Connection, most: int) -> int:
    """Delete what is older than the retention of the history, at most so many of each kind; return how many."""
    return sum(
        connection.execute(_DELETE.format(table=table, over=over), (most,)).rowcount for table, over in _OVER.items()
    )
