"""Read models of incidents, deliveries and the report."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import psycopg

from dyntables.catalog.alerts import incidents, listing, outbox, people, report
from dyntables.errors import CatalogError, NotFoundError
from dyntables.server.read.alerts import shown
from dyntables.server.schemas.incidents import (
    AlertReport,
    Delivery,
    Incident,
    IncidentDetail,
    IncidentEvent,
    Offender,
)

_MOST_DELIVERIES = 100


def listed(connection: psycopg.Connection, *, ended: bool, limit: int) -> list[Incident]:
    """Return incidents, the open ones first."""
    return [_incident(i) for i in incidents.listed(connection, ended=ended, limit=limit)]


def detail(connection: psycopg.Connection, incident_id: int) -> IncidentDetail:
    """Return an incident with its alerts and its timeline.

    Raises:
        NotFoundError: there is none.
    """
    found = incidents.find(connection, incident_id)
    if found is None:
        raise NotFoundError(f"there is no incident {incident_id}")
    alerts = listing.listed(connection, listing.Wanted(incident=found.id))
    timeline = [IncidentEvent.model_validate(event) for event in incidents.events(connection, found.id)]
    prints = {event.fingerprint for event in timeline}
    until = found.resolved_at + timedelta(minutes=10) if found.resolved_at is not None else None
    told = outbox.deliveries(connection, _MOST_DELIVERIES, prints)
    return IncidentDetail(
        incident=_incident(found),
        alerts=[shown(a) for a in alerts],
        timeline=timeline,
        deliveries=[
            delivery(d) for d in told if d.created_at >= found.opened_at and (until is None or d.created_at <= until)
        ],
    )


def acknowledge(connection: psycopg.Connection, incident_id: int, who: str, note: str | None) -> IncidentDetail:
    """Acknowledge every alert of an incident that fires.

    Raises:
        NotFoundError: there is no such incident. CatalogError: nothing of it fires.
    """
    shown_before = detail(connection, incident_id)
    firing = [a.fingerprint for a in shown_before.alerts if a.state == "firing"]
    with connection.transaction():
        if not sum(people.acknowledge(connection, fingerprint, who, note) for fingerprint in firing):
            raise CatalogError("nothing of the incident fires", hint="It may have been resolved just now.")
    return detail(connection, incident_id)


def reported(connection: psycopg.Connection, days: int) -> AlertReport:
    """Return how people fared in so many days."""
    span = timedelta(days=days)
    offenders = [Offender(**asdict(o)) for o in report.offenders(connection, span)]
    return AlertReport(days=days, offenders=offenders, **asdict(report.times(connection, span)))


def delivery(found: outbox.Delivery) -> Delivery:
    """Return a message as the API has it."""
    return Delivery(**asdict(found))


def _incident(found: incidents.Incident) -> Incident:
    values = asdict(found)
    del values["merged_into"]
    return Incident(**values)
