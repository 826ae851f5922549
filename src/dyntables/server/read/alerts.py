"""Read models of alerts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import psycopg

from dyntables.alerts.model import Severity, State
from dyntables.catalog.alerts import listing
from dyntables.errors import CatalogError, NotFoundError
from dyntables.server.schemas.alerts import Acknowledgement, Alert, AlertDetail, AlertEvent


def listed(
    connection: psycopg.Connection, states: Sequence[State], severity: Severity | None, table: str | None, limit: int
) -> list[Alert]:
    """Return alerts, those that fire first."""
    wanted = listing.Wanted(tuple(states), severity, table, limit)
    return [shown(found) for found in listing.listed(connection, wanted)]


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
    follows = [shown(a) for a in listing.following(connection, fingerprint)]
    cause = listing.one(connection, found.inhibited_by) if found.inhibited_by is not None else None
    return AlertDetail(
        alert=shown(found), cause=shown(cause) if cause is not None else None, follows=follows, history=history
    )


def done(connection: psycopg.Connection, fingerprint: str, do: Callable[[], bool]) -> AlertDetail:
    """Do something about an alert, and return it as it stands then.

    Raises:
        NotFoundError: there is no such alert. CatalogError: it does not fire, so there is nothing to do.
    """
    _found(connection, fingerprint)
    with connection.transaction():
        if not do():
            raise CatalogError("the alert does not fire", hint="It may have been resolved just now.")
    return detail(connection, fingerprint)


def _found(connection: psycopg.Connection, fingerprint: str) -> listing.Listed:
    found = listing.one(connection, fingerprint)
    if found is None:
        raise NotFoundError(f"there is no alert {fingerprint}")
    return found


def shown(found: listing.Listed) -> Alert:
    """Return an alert as the API has it."""
    care = found.care
    ack = care.acknowledged
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
        assigned_to=care.assigned_to,
        snoozed_until=care.snoozed_until,
        flapping=found.flapping,
        dismissed=care.dismissed,
        incident_id=found.incident_id,
    )
