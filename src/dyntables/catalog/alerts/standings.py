"""Rows of alerts as they stand, and of what has happened to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from dyntables.alerts.model import Alert, Severity, Standing, State
from dyntables.alerts.noise.telling import Mark
from dyntables.alerts.watching import Changed
from dyntables.catalog.connection import Connection


def open_alerts(connection: Connection) -> list[Alert]:
    """Return the alerts that are open, that a person has resolved, or that a channel still believes to fire."""
    rows = connection.execute(
        "SELECT a.rule_id, r.kind, a.labels, a.dynamic_table_id, a.state, a.since, a.clear_since, a.value, a.text, "
        "a.dismissed, a.acknowledged_at, a.snoozed_until "
        "FROM dyntables.alert a JOIN dyntables.alert_rule r ON r.id = a.rule_id "
        "WHERE a.state NOT IN ('normal', 'resolved') OR a.dismissed OR a.flapping "
        "OR a.fingerprint IN (SELECT unnest(told) FROM dyntables.alert_group)"
    )
    return [
        Alert(
            rule_id,
            kind,
            Severity(labels["severity"]),
            labels,
            Standing(State(state), since, clear_since, value, text, dismissed),
            table_id,
            acknowledged_at,
            snoozed_until,
        )
        for (
            rule_id, kind, labels, table_id, state, since, clear_since, value, text, dismissed, acknowledged_at,
            snoozed_until,
        ) in rows
    ]  # fmt: skip


def write_changes(
    connection: Connection, changed: Sequence[Changed], incident_of: Mapping[str, int] | None = None
) -> None:
    """Record how alerts stand now, and that they changed. What fires anew is nobody's yet.

    ``incident_of``: the incident of each, if it is of one.
    """
    of = incident_of or {}
    with connection.cursor() as cursor:
        cursor.executemany(_STANDING, [_standing(c.alert, of) for c in changed])
        cursor.executemany(_EVENT, [_event(c, of) for c in changed])


def write_marks(connection: Connection, marks: Mapping[str, Mark]) -> None:
    """Record by which alert and which silence alerts are kept from being told, and which flap."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE dyntables.alert SET inhibited_by = %s, silenced_by = %s, flapping = %s WHERE fingerprint = %s",
            [(m.inhibited_by, m.silenced_by, m.flapping, fingerprint) for fingerprint, m in marks.items()],
        )


def marks(connection: Connection) -> dict[str, Mark]:
    """Return the marks of the alerts that have one."""
    rows = connection.execute(
        "SELECT fingerprint, inhibited_by, silenced_by, flapping FROM dyntables.alert "
        "WHERE inhibited_by IS NOT NULL OR silenced_by IS NOT NULL OR flapping"
    )
    return {fingerprint: Mark(*mark) for fingerprint, *mark in rows}


@dataclass(frozen=True, slots=True)
class Care:
    """What people have said of an alert."""

    acknowledged_at: datetime | None
    snoozed_until: datetime | None


def cared_for(connection: Connection) -> dict[str, Care]:
    """Return the firing alerts that somebody has acknowledged or snoozed."""
    rows = connection.execute(
        "SELECT fingerprint, acknowledged_at, snoozed_until FROM dyntables.alert "
        "WHERE (acknowledged_at IS NOT NULL OR snoozed_until IS NOT NULL) AND state = 'firing'"
    )
    return {fingerprint: Care(at, until) for fingerprint, at, until in rows}


def dismissed(connection: Connection) -> set[str]:
    """Return the alerts that a person has resolved, and whose condition was not clear since."""
    return {f for (f,) in connection.execute("SELECT fingerprint FROM dyntables.alert WHERE dismissed")}


def recent_changes(connection: Connection, within: timedelta) -> dict[str, list[datetime]]:
    """Return when alerts began and ceased to fire in the time before now."""
    rows = connection.execute(
        "SELECT fingerprint, array_agg(at ORDER BY at) FROM dyntables.alert_event "
        "WHERE at > clock_timestamp() - %s AND before <> after AND 'firing' IN (before, after) GROUP BY 1",
        (within,),
    )
    return dict(rows.fetchall())


_STANDING = """
INSERT INTO dyntables.alert AS a (
    fingerprint, rule_id, dynamic_table_id, labels, state, since, clear_since, value, text, dismissed, incident_id)
SELECT %s, r.id, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM dyntables.alert_rule r WHERE r.id = %s
ON CONFLICT (fingerprint) DO UPDATE SET (rule_id, dynamic_table_id, labels, state, since, clear_since, value, text,
    dismissed, incident_id, acknowledged_at, acknowledged_by, note, assigned_to, snoozed_until) = (excluded.rule_id,
    excluded.dynamic_table_id, excluded.labels, excluded.state, excluded.since, excluded.clear_since, excluded.value,
    excluded.text, excluded.dismissed, coalesce(excluded.incident_id, a.incident_id),
    CASE WHEN excluded.state <> 'firing' THEN a.acknowledged_at END,
    CASE WHEN excluded.state <> 'firing' THEN a.acknowledged_by END,
    CASE WHEN excluded.state <> 'firing' THEN a.note END,
    CASE WHEN excluded.state <> 'firing' THEN a.assigned_to END,
    CASE WHEN excluded.state <> 'firing' THEN a.snoozed_until END)
"""
_EVENT = """
INSERT INTO dyntables.alert_event (
    fingerprint, dynamic_table_id, labels, before, after, reason, at, value, text, incident_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def _standing(alert: Alert, incident_of: Mapping[str, int]) -> Sequence[object]:
    s, mine = alert.standing, alert.fingerprint
    seen = (s.state, s.since, s.clear_since, s.value, s.text, s.dismissed)
    return mine, alert.table_id, Jsonb(dict(alert.labels)), *seen, incident_of.get(mine), alert.rule_id


def _event(changed: Changed, incident_of: Mapping[str, int]) -> Sequence[object]:
    alert, t = changed.alert, changed.transition
    mine, s = alert.fingerprint, alert.standing
    how = (t.before, t.after, t.reason, t.at, s.value, s.text)
    return mine, alert.table_id, Jsonb(dict(alert.labels)), *how, incident_of.get(mine)
