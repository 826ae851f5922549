"""Alerts: listed, shown, acknowledged; silences."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from dyntables import clock
from dyntables.alerting import desk
from dyntables.alerts.model import Severity, State
from dyntables.alerts.noise.silencing import Silence
from dyntables.catalog.alerts import people, quieting
from dyntables.errors import NotFoundError
from dyntables.server.deps import Connection, Operator, Viewer
from dyntables.server.read import alerts as model
from dyntables.server.schemas.alerts import (
    Acknowledge,
    AddSilence,
    Alert,
    AlertDetail,
    AlertSilence,
)
from dyntables.server.schemas.incidents import Assign, Comment, Matching, Resolve, Snooze

router = APIRouter(tags=["alerts"])
Fingerprint = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]


@router.get("/alerts", summary="List alerts")
def list_alerts(
    user: Viewer,
    connection: Connection,
    state: Annotated[list[State] | None, Query(description="Only these; without it, all that are not normal.")] = None,
    severity: Severity | None = None,
    table: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> list[Alert]:
    """Return alerts: those that fire first, the newest first."""
    return model.listed(connection, state or [], severity, table, limit)


@router.get("/alerts/{fingerprint}", summary="Show an alert")
def show_alert(user: Viewer, connection: Connection, fingerprint: Fingerprint) -> AlertDetail:
    """Return it with what follows from it, and its history."""
    return model.detail(connection, fingerprint)


@router.post("/alerts/{fingerprint}/acknowledge", summary="Acknowledge an alert")
def acknowledge_alert(
    user: Operator, connection: Connection, fingerprint: Fingerprint, body: Acknowledge
) -> AlertDetail:
    """Say that somebody is at it: it is not repeated and not escalated, for a day."""
    return model.done(
        connection, fingerprint, lambda: people.acknowledge(connection, fingerprint, user.name, body.note)
    )


@router.post("/alerts/{fingerprint}/assign", summary="Assign an alert")
def assign_alert(user: Operator, connection: Connection, fingerprint: Fingerprint, body: Assign) -> AlertDetail:
    """Say whose it is."""
    return model.done(connection, fingerprint, lambda: people.assign(connection, fingerprint, user.name, body.to))


@router.post("/alerts/{fingerprint}/comment", summary="Comment on an alert")
def comment_alert(user: Operator, connection: Connection, fingerprint: Fingerprint, body: Comment) -> AlertDetail:
    """Add to its history, whether it fires or not."""
    return model.done(connection, fingerprint, lambda: people.comment(connection, fingerprint, user.name, body.text))


@router.post("/alerts/{fingerprint}/snooze", summary="Snooze an alert")
def snooze_alert(user: Operator, connection: Connection, fingerprint: Fingerprint, body: Snooze) -> AlertDetail:
    """Keep it from being told until an instant within 30 days; if it still fires then, it is told."""
    return model.done(
        connection, fingerprint, lambda: desk.snooze(connection, fingerprint, user.name, body.until, body.note)
    )


@router.post("/alerts/{fingerprint}/resolve", summary="Resolve an alert")
def resolve_alert(user: Operator, connection: Connection, fingerprint: Fingerprint, body: Resolve) -> AlertDetail:
    """Resolve it by hand: it fires again only after its condition was clear."""
    return model.done(connection, fingerprint, lambda: people.resolve(connection, fingerprint, user.name, body.note))


@router.get("/silences", summary="List silences")
def list_silences(
    user: Viewer, connection: Connection, ended: Annotated[bool, Query(description="Those that are over, too.")] = False
) -> list[AlertSilence]:
    """Return those that hold now or later."""
    return [_silence(s) for s in quieting.silences(connection, ended=ended)]


@router.post("/silences", status_code=201, summary="Add a silence")
def add_silence(user: Operator, connection: Connection, body: AddSilence) -> AlertSilence:
    """Keep alerts with such labels from being told, for a time."""
    begins = body.starts_at or clock.now()
    return _silence(desk.add_silence(connection, body.matchers, begins, body.ends_at, user.name, body.reason))


@router.delete("/silences/{silence_id}", status_code=204, summary="End a silence")
def expire_silence(user: Operator, connection: Connection, silence_id: Annotated[int, Path(ge=1, lt=2**63)]) -> None:
    """End it now; what still fires is told."""
    if not quieting.expire_silence(connection, silence_id):
        raise NotFoundError(f"there is no silence {silence_id} that holds")


@router.post("/silences/preview", summary="Say what a silence would hit")
def preview_silence(user: Viewer, connection: Connection, body: Matching) -> list[Alert]:
    """Return the alerts of now that have such labels."""
    return [model.shown(a) for a in desk.hit_by(connection, body.matchers)]


def _silence(silence: Silence) -> AlertSilence:
    return AlertSilence(
        id=silence.id,
        matchers=[str(m) for m in silence.matchers],
        starts_at=silence.starts_at,
        ends_at=silence.ends_at,
        author=silence.author,
        reason=silence.reason,
    )
