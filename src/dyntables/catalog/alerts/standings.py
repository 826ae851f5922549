"""Rows of alerts as they stand, and of what has happened to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg.types.json import Jsonb

from dyntables.alerts.model import Alert, Severity, Standing, State
from dyntables.alerts.watching import Changed
from dyntables.catalog.connection import Connection


def open_alerts(connection: Connection) -> list[Alert]:
    """Return the alerts that are open, or that a channel still believes to fire, as they stand."""
    rows = connection.execute(
        "SELECT a.rule_id, r.kind, a.labels, a.dynamic_table_id, a.state, a.since, a.clear_since, a.value, a.text, "
        "a.acknowledged_at FROM dyntables.alert a JOIN dyntables.alert_rule r ON r.id = a.rule_id "
        "WHERE a.state NOT IN ('normal', 'resolved') "
        "OR a.fingerprint IN (SELECT unnest(told) FROM dyntables.alert_group)"
    )
    return [
        Alert(
            rule_id,
            kind,
            Severity(labels["severity"]),
            labels,
            Standing(State(state), since, clear_since, value, text),
            table_id,
            acknowledged_at,
        )
        for rule_id, kind, labels, table_id, state, since, clear_since, value, text, acknowledged_at in rows
    ]


def write_changes(connection: Connection, changed: Sequence[Changed]) -> None:
    """Record how alerts stand now, and that they changed. What fires anew is acknowledged by nobody."""
    with connection.cursor() as cursor:
        cursor.executemany(_STANDING, [_standing(c.alert) for c in changed])
        cursor.executemany(_EVENT, [_event(c) for c in changed])


def write_marks(connection: Connection, marks: Mapping[str, tuple[str | None, int | None]]) -> None:
    """Record by which alert and which silence alerts are kept from being told."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE dyntables.alert SET inhibited_by = %s, silenced_by = %s WHERE fingerprint = %s",
            [(inhibited, silenced, fingerprint) for fingerprint, (inhibited, silenced) in marks.items()],
        )


def acknowledged(connection: Connection) -> dict[str, datetime]:
    """Return since when firing alerts are acknowledged."""
    rows = connection.execute(
        "SELECT fingerprint, acknowledged_at FROM dyntables.alert "
        "WHERE acknowledged_at IS NOT NULL AND state = 'firing'"
    )
    return dict(rows.fetchall())


def acknowledge(connection: Connection, fingerprint: str, who: str, note: str | None) -> bool:
    """Record that somebody is at a firing alert; tell whether there is such a one."""
    row = connection.execute(
        "UPDATE dyntables.alert SET acknowledged_at = clock_timestamp(), acknowledged_by = %s, note = %s "
        "WHERE fingerprint = %s AND state = 'firing' RETURNING dynamic_table_id, labels",
        (who, note, fingerprint),
    ).fetchone()
    if row is None:
        return False
    connection.execute(
        "INSERT INTO dyntables.alert_event (fingerprint, dynamic_table_id, labels, before, after, reason, at, text, "
        "who) VALUES (%s, %s, %s, 'firing', 'firing', 'ACKNOWLEDGED', clock_timestamp(), %s, %s)",
        (fingerprint, row[0], Jsonb(row[1]), note or "", who),
    )
    connection.execute("UPDATE dyntables.alert_change SET number = number + 1")
    return True


_STANDING = """
INSERT INTO dyntables.alert AS a (
    fingerprint, rule_id, dynamic_table_id, labels, state, since, clear_since, value, text)
SELECT %s, r.id, %s, %s, %s, %s, %s, %s, %s FROM dyntables.alert_rule r WHERE r.id = %s
ON CONFLICT (fingerprint) DO UPDATE SET (rule_id, dynamic_table_id, labels, state, since, clear_since, value, text,
    acknowledged_at, acknowledged_by, note) = (excluded.rule_id, excluded.dynamic_table_id, excluded.labels,
    excluded.state, excluded.since, excluded.clear_since, excluded.value, excluded.text,
    CASE WHEN excluded.state <> 'firing' THEN a.acknowledged_at END,
    CASE WHEN excluded.state <> 'firing' THEN a.acknowledged_by END,
    CASE WHEN excluded.state <> 'firing' THEN a.note END)
"""
_EVENT = """
INSERT INTO dyntables.alert_event (fingerprint, dynamic_table_id, labels, before, after, reason, at, value, text)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def _standing(alert: Alert) -> Sequence[object]:
    s = alert.standing
    labels = Jsonb(dict(alert.labels))
    since = s.since
    return alert.fingerprint, alert.table_id, labels, s.state, since, s.clear_since, s.value, s.text, alert.rule_id


def _event(changed: Changed) -> Sequence[object]:
    alert, t = changed.alert, changed.transition
    labels, s = Jsonb(dict(alert.labels)), alert.standing
    return alert.fingerprint, alert.table_id, labels, t.before, t.after, t.reason, t.at, s.value, s.text
