"""Incidents, and how people fare with them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from dyntables.catalog.alerts import outbox
from dyntables.server.deps import Connection, Operator, Viewer
from dyntables.server.read import incidents as model
from dyntables.server.schemas.alerts import Acknowledge
from dyntables.server.schemas.incidents import AlertReport, Delivery, Incident, IncidentDetail

router = APIRouter(tags=["alerts"])
Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/incidents", summary="List incidents")
def list_incidents(
    user: Viewer,
    connection: Connection,
    ended: Annotated[bool, Query(description="Those that are over, too.")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[Incident]:
    """Return incidents: the open ones first, the newest first."""
    return model.listed(connection, ended=ended, limit=limit)


@router.get("/incidents/report", summary="Say how people fare with alerts")
def report_alerts(user: Viewer, connection: Connection, days: Annotated[int, Query(ge=1, le=365)] = 7) -> AlertReport:
    """Return how soon somebody came, how soon it was over, and what fired for nothing."""
    return model.reported(connection, days)


@router.get("/incidents/{incident_id}", summary="Show an incident")
def show_incident(user: Viewer, connection: Connection, incident_id: Id) -> IncidentDetail:
    """Return it with its alerts, its timeline, and what channels were told; one that was taken in, as the other."""
    return model.detail(connection, incident_id)


@router.post("/incidents/{incident_id}/acknowledge", summary="Acknowledge an incident")
def acknowledge_incident(user: Operator, connection: Connection, incident_id: Id, body: Acknowledge) -> IncidentDetail:
    """Acknowledge every alert of it that fires."""
    return model.acknowledge(connection, incident_id, user.name, body.note)


@router.get("/alerts/{fingerprint}/deliveries", summary="List what channels were told of an alert")
def list_alert_deliveries(
    user: Viewer, connection: Connection, fingerprint: Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
) -> list[Delivery]:
    """Return the newest messages that told of it."""
    return [model.delivery(d) for d in outbox.deliveries(connection, 50, [fingerprint])]
