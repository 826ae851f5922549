"""Alerts as people see them, through the views, which show everybody what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dyntables.catalog.connection import Connection

_COLUMNS = (
    "fingerprint, rule, kind, severity, table_name, state, since, value, text, inhibited_by, silenced_by, "
    "acknowledged_at, acknowledged_by, note, assigned_to, snoozed_until, dismissed, labels, runbook, flapping, "
    "incident_id"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts; ``states``: all that are not normal if empty."""

    states: tuple[str, ...] = ()
    severity: str | None = None
    table: str | None = None
    limit: int = 1000
    incident: int | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """One change of an alert."""

    before: str
    after: str
    reason: str
    at: datetime
    value: float | None
    text: str
    who: str | None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Who is at an alert, since when, and what they say."""

    at: datetime
    by: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Care:
    """What people have done about an alert; ``dismissed``: resolved it while its condition held."""

    acknowledged: Acknowledged | None
    assigned_to: str | None
    snoozed_until: datetime | None
    dismissed: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """An alert; the labels have rule, kind, severity and table."""

    fingerprint: str
    labels: dict[str, str]
    state: str
    since: datetime
    value: float | None
    text: str
    inhibited_by: str | None
    silenced_by: int | None
    runbook: str | None
    flapping: bool
    incident_id: int | None
    care: Care


def listed(connection: Connection, wanted: Wanted) -> list[Listed]:
    """Return alerts, those that fire first, the newest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM dyntables.alerts "
        "WHERE (cardinality(%(states)s::text[]) = 0 OR state = ANY(%(states)s)) "
        "AND (%(severity)s::text IS NULL OR severity = %(severity)s) "
        "AND (%(table)s::text IS NULL OR table_name = %(table)s) "
        "AND (%(incident)s::bigint IS NULL OR incident_id = %(incident)s) "
        "ORDER BY state <> 'firing', inhibited_by IS NOT NULL, since DESC, fingerprint LIMIT %(limit)s",
        {
            "states": list(wanted.states),
            "severity": wanted.severity,
            "table": wanted.table,
            "limit": wanted.limit,
            "incident": wanted.incident,
        },
    )
    return [_listed(row) for row in rows]


def one(connection: Connection, fingerprint: str) -> Listed | None:
    """Return an alert, if one may see it."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM dyntables.alerts WHERE fingerprint = %s", (fingerprint,)
    ).fetchone()
    return _listed(row) if row else None


def following(connection: Connection, fingerprint: str) -> list[Listed]:
    """Return the alerts that follow from one."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM dyntables.alerts WHERE inhibited_by = %s AND state = 'firing' ORDER BY since",
        (fingerprint,),
    )
    return [_listed(row) for row in rows]


def history(connection: Connection, fingerprint: str, limit: int = 200) -> list[Happened]:
    """Return what has happened to an alert, the newest first."""
    rows = connection.execute(
        "SELECT before, after, reason, at, value, text, who FROM dyntables.alert_history "
        "WHERE fingerprint = %s ORDER BY event_id DESC LIMIT %s",
        (fingerprint, limit),
    )
    return [Happened(*row) for row in rows]


def _listed(row: tuple[Any, ...]) -> Listed:
    fingerprint, _, _, _, _, state, since, value, text, inhibited, silenced, at, by, note, *care = row[:17]
    labels, runbook, flapping, incident_id = row[17:]
    cared = Care(Acknowledged(at, by, note) if at is not None else None, *care)
    return Listed(
        fingerprint, labels, state, since, value, text, inhibited, silenced, runbook, flapping, incident_id, cared
    )
