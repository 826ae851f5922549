"""What people do about alerts; each deed is an event in the alert's history. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg.types.json import Jsonb

from dyntables.catalog.connection import Connection


class Deed(StrEnum):
    """What somebody did, in the word of the history."""

    ACKNOWLEDGED = "ACKNOWLEDGED"
    ASSIGNED = "ASSIGNED"
    COMMENTED = "COMMENTED"
    SNOOZED = "SNOOZED"
    RESOLVED = "BY_HAND"


def acknowledge(connection: Connection, fingerprint: str, who: str, note: str | None) -> bool:
    """Record that somebody is at a firing alert; tell whether there is such a one."""
    row = _change(connection, "acknowledged_at = clock_timestamp(), acknowledged_by = %(who)s, note = %(note)s",
                  fingerprint, who, note=note)  # fmt: skip
    if row is None:
        return False
    _note(connection, row, Deed.ACKNOWLEDGED, who, note or "")
    connection.execute(
        "UPDATE dyntables.alert_incident SET acknowledged_at = clock_timestamp(), acknowledged_by = %s "
        "WHERE id = %s AND acknowledged_at IS NULL AND resolved_at IS NULL",
        (who, row["incident_id"]),
    )
    _tell_leader(connection)
    return True


def assign(connection: Connection, fingerprint: str, who: str, to: str | None) -> bool:
    """Record whose a firing alert is, None for nobody's; tell whether there is such a one."""
    row = _change(connection, "assigned_to = %(to)s", fingerprint, who, to=to)
    if row is None:
        return False
    _note(connection, row, Deed.ASSIGNED, who, to or "")
    return True


def comment(connection: Connection, fingerprint: str, who: str, text: str) -> bool:
    """Add to the history of an alert, in whatever state; tell whether there is such a one."""
    row = connection.execute(_FIND, (fingerprint,)).fetchone()
    if row is None:
        return False
    _note(connection, _named(row), Deed.COMMENTED, who, text)
    return True


def snooze(connection: Connection, fingerprint: str, who: str, until: datetime, note: str | None) -> bool:
    """Keep a firing alert from being told until an instant; tell whether there is such a one."""
    row = _change(connection, "snoozed_until = %(until)s", fingerprint, who, until=until)
    if row is None:
        return False
    said = f"until {until.isoformat(timespec='minutes')}" + (f": {note}" if note else "")
    _note(connection, row, Deed.SNOOZED, who, said)
    _tell_leader(connection)
    return True


def resolve(connection: Connection, fingerprint: str, who: str, note: str | None) -> bool:
    """Resolve a firing alert by hand; it fires again only after its condition was clear. Tell whether there is one."""
    change = "state = 'resolved', since = clock_timestamp(), clear_since = NULL, dismissed = true"
    row = _change(connection, change, fingerprint, who)
    if row is None:
        return False
    _note(connection, row, Deed.RESOLVED, who, note or "", after="resolved")
    _tell_leader(connection)
    return True


_FIND = "SELECT fingerprint, dynamic_table_id, labels, state, incident_id FROM dyntables.alert WHERE fingerprint = %s"


def _change(
    connection: Connection, change: str, fingerprint: str, who: str, **values: object
) -> Mapping[str, Any] | None:
    row = connection.execute(
        f"UPDATE dyntables.alert SET {change} WHERE fingerprint = %(fingerprint)s AND state = 'firing' "
        "RETURNING fingerprint, dynamic_table_id, labels, 'firing', incident_id",
        {"fingerprint": fingerprint, "who": who, **values},
    ).fetchone()
    return _named(row) if row is not None else None


def _named(row: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(("fingerprint", "dynamic_table_id", "labels", "state", "incident_id"), row, strict=True))


def _note(
    connection: Connection, row: Mapping[str, Any], deed: Deed, who: str, text: str, after: str | None = None
) -> None:
    connection.execute(
        "INSERT INTO dyntables.alert_event (fingerprint, dynamic_table_id, labels, before, after, reason, at, text, "
        "who, incident_id) VALUES (%s, %s, %s, %s, %s, %s, clock_timestamp(), %s, %s, %s)",
        (
            row["fingerprint"],
            row["dynamic_table_id"],
            Jsonb(row["labels"]),
            row["state"],
            after or row["state"],
            deed,
            text,
            who,
            row["incident_id"],
        ),
    )


def _tell_leader(connection: Connection) -> None:
    connection.execute("UPDATE dyntables.alert_change SET number = number + 1")
