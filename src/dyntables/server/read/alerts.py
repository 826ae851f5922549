"""Read models of alerts."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from dyntables.alerts.model import Severity, State
from dyntables.catalog.alerts import listing, standings
from dyntables.errors import CatalogError, NotFoundError
from dyntables.server.schemas.alerts import Acknowledgement, Alert, AlertDetail, AlertEvent


def listed(
    connection: psycopg.Connection, states: Sequence[State], severity: Severity | None, table: str | None, limit: int
) -> list[Alert]:
    """Return alerts, those that fire first."""
    wanted = listing.Wanted(tuple(states), severity, table, limit)
    return [_alert(found) for found in listing.listed(connection, wanted)]


def detail(connection: psycopg.Connection, fingerprint: str) -> AlertDetail:
    """Return an alert with what follows from it, and what has happened to it.

    Raises:
        NotFoundError: there is no such alert.
    """
    found = _found(connection, fingerprint)
    history = [
        AlertEvent(
            before=State(h.before),
            after=State(h.after),
            reason=h.reason,
            at=h.at,
            value=h.value,
            text=h.text,
            who=h.who,
        )
        for h in listing.history(connection, fingerprint)
    ]
    follows = [_alert(a) for a in listing.following(connection, fingerprint)]
    return AlertDetail(alert=_alert(found), follows=follows, history=history)


def acknowledge(connection: psycopg.Connection, fingerprint: str, who: str, note: str | None) -> AlertDetail:
    """Record that somebody is at an alert.

    Raises:
        NotFoundError: there is no such alert. CatalogError: it does not fire.
    """
    _found(connection, fingerprint)
    with connection.transaction():
        if not standings.acknowledge(connection, fingerprint, who, note):
            raise CatalogError("the alert does not fire", hint="Only what fires can be acknowledged.")
    return detail(connection, fingerprint)


def _found(connection: psycopg.Connection, fingerprint: str) -> listing.Listed:
    found = listing.one(connection, fingerprint)
    if found is None:
        raise NotFoundError(f"there is no alert {fingerprint}")
    return found


def _alert(found: listing.Listed) -> Alert:
    ack = found.acknowledged
    return Alert(
        fingerprint=found.fingerprint,
        labels=found.labels,
        state=State(found.state),
        since=found.since,
        value=found.value,
        text=found.text,
        inhibited_by=found.inhibited_by,
        silenced_by=found.silenced_by,
        acknowledged=Acknowledgement(at=ack.at, by=ack.by, note=ack.note) if ack is not None else None,
        runbook=found.runbook,
    )
