"""Rows of incidents. The leader writes them with the alerts that they are of; the caller owns the transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from dyntables.alerts.model import Alert
from dyntables.catalog.connection import Connection


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident; the labels and the text are of the alert that it is named after."""

    id: int
    fingerprint: str
    labels: dict[str, str]
    text: str
    alerts: int
    opened_at: datetime
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    merged_into: int | None


_COLUMNS = (
    "id, fingerprint, labels, text, alerts, opened_at, resolved_at, acknowledged_at, acknowledged_by, merged_into"
)


def open_incidents(connection: Connection) -> tuple[dict[int, str], dict[str, int]]:
    """Return the roots of open incidents by their ids, and the incident of each alert that is of one."""
    roots = dict(
        connection.execute("SELECT id, fingerprint FROM dyntables.alert_incident WHERE resolved_at IS NULL").fetchall()
    )
    members = connection.execute(
        "SELECT fingerprint, incident_id FROM dyntables.alert WHERE incident_id = ANY(%s)", (list(roots),)
    )
    return roots, dict(members.fetchall())


def add(connection: Connection, root: Alert, at: datetime) -> int:
    """Open an incident; return its id."""
    row = connection.execute(
        "INSERT INTO dyntables.alert_incident (fingerprint, dynamic_table_id, labels, text, opened_at) "
        "VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (root.fingerprint, root.table_id, Jsonb(dict(root.labels)), root.standing.text, at),
    ).fetchone()
    assert row is not None
    return int(row[0])


def rename(connection: Connection, incident_id: int, root: Alert) -> None:
    """Name an incident after another of its alerts."""
    connection.execute(
        "UPDATE dyntables.alert_incident SET (fingerprint, dynamic_table_id, labels, text) = (%s, %s, %s, %s) "
        "WHERE id = %s",
        (root.fingerprint, root.table_id, Jsonb(dict(root.labels)), root.standing.text, incident_id),
    )


def merge(connection: Connection, taken: Collection[int], into: int, at: datetime) -> None:
    """Let one incident take others in, with what happened in them."""
    for table in ("alert", "alert_event"):
        connection.execute(
            f"UPDATE dyntables.{table} SET incident_id = %s WHERE incident_id = ANY(%s)", (into, list(taken))
        )
    connection.execute(
        "UPDATE dyntables.alert_incident SET resolved_at = %s, merged_into = %s WHERE id = ANY(%s)",
        (at, into, list(taken)),
    )


def join(connection: Connection, incident_of: Mapping[str, int]) -> None:
    """Record of which incident alerts are."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE dyntables.alert SET incident_id = %s WHERE fingerprint = %s AND incident_id IS DISTINCT FROM %s",
            [(i, f, i) for f, i in incident_of.items()],
        )


def count(connection: Connection, ids: Iterable[int]) -> None:
    """Record how many alerts incidents have had."""
    connection.execute(
        "UPDATE dyntables.alert_incident i SET alerts = greatest(i.alerts, e.number) FROM ("
        "    SELECT incident_id, count(DISTINCT fingerprint) AS number FROM dyntables.alert_event "
        "    WHERE incident_id = ANY(%s) GROUP BY 1) e WHERE e.incident_id = i.id",
        (list(ids),),
    )


def close(connection: Connection, ids: Collection[int], at: datetime) -> None:
    """End incidents of which nothing fires any more."""
    connection.execute(
        "UPDATE dyntables.alert_incident SET resolved_at = %s WHERE id = ANY(%s) AND resolved_at IS NULL",
        (at, list(ids)),
    )


def listed(connection: Connection, *, ended: bool, limit: int) -> list[Incident]:
    """Return incidents, the open ones first, the newest first; ``ended``: those that are over, too."""
    with connection.cursor(row_factory=class_row(Incident)) as cursor:
        return cursor.execute(
            f"SELECT {_COLUMNS} FROM dyntables.alert_incident "
            "WHERE merged_into IS NULL AND (%s OR resolved_at IS NULL) "
            "ORDER BY resolved_at IS NOT NULL, id DESC LIMIT %s",
            (ended, limit),
        ).fetchall()


def find(connection: Connection, incident_id: int) -> Incident | None:
    """Return an incident; of one that was taken in, the one that took it."""
    with connection.cursor(row_factory=class_row(Incident)) as cursor:
        found = cursor.execute(
            f"SELECT {_COLUMNS} FROM dyntables.alert_incident WHERE id = %s", (incident_id,)
        ).fetchone()
    if found is not None and found.merged_into is not None and found.merged_into < found.id:
        return find(connection, found.merged_into)
    return found


def events(connection: Connection, incident_id: int, limit: int = 500) -> list[dict[str, Any]]:
    """Return what has happened in an incident, the newest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT fingerprint, labels, before, after, reason, at, value, text, who FROM dyntables.alert_event "
            "WHERE incident_id = %s ORDER BY id DESC LIMIT %s",
            (incident_id, limit),
        ).fetchall()
