"""What is watched and who is told: rules, channels, routes."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query

from dyntables.alerting import desk
from dyntables.alerts.declaring import Declared, read_rule
from dyntables.catalog.alerts import channels, outbox, quieting, rules
from dyntables.catalog.alerts.channels import KeptChannel
from dyntables.catalog.alerts.rules import Kept
from dyntables.engines.postgres.rights.membership import user_of
from dyntables.errors import NotFoundError
from dyntables.server.deps import Admin, Connection, Editor, Viewer
from dyntables.server.read import rehearsal
from dyntables.server.read.incidents import delivery
from dyntables.server.schemas.alerts import (
    AlertChannel,
    AlertRule,
    ChannelTested,
    PutChannel,
    PutRule,
    RoutedTo,
    TestRoute,
)
from dyntables.server.schemas.incidents import Condition, Delivery, DryRun, Rehearsal, Routes

router = APIRouter(tags=["alerts"])
Name = Annotated[str, Path(max_length=200)]


@router.get("/alert-rules", summary="List the rules of alerts")
def list_alert_rules(user: Viewer, connection: Connection) -> list[AlertRule]:
    """Return every rule, by name."""
    return [_rule(k) for k in rules.all_rules(connection)]


@router.post("/alert-rules", summary="Add or replace a rule of alerts")
def put_alert_rule(user: Editor, connection: Connection, body: PutRule) -> AlertRule:
    """Save a rule under its name; its query runs with the rights of the role that the person acts for."""
    declared = read_rule(_given(body), f'the rule "{body.name}"')
    return _rule(desk.save_rule(connection, declared, user.database_role or user_of(connection), "user"))


@router.delete("/alert-rules/{name}", status_code=204, summary="Remove a rule of alerts")
def remove_alert_rule(user: Editor, connection: Connection, name: Name) -> None:
    """Remove it; its alerts are resolved."""
    if not rules.delete_rule(connection, name):
        raise NotFoundError(f'there is no rule "{name}"')


@router.post("/alert-rules/dry-run", summary="Try a rule on the past")
def try_alert_rule(user: Editor, connection: Connection, body: DryRun) -> Rehearsal:
    """Say when it would have fired; nothing is saved."""
    declared = read_rule(_given(body.rule), f'the rule "{body.rule.name}"')
    return rehearsal.rehearsed(connection, declared.rule, timedelta(days=body.days))


@router.get("/alert-conditions", summary="List the kinds of conditions")
def list_alert_conditions(user: Viewer) -> list[Condition]:
    """Return each kind with what a rule of it has if it says nothing else."""
    return rehearsal.conditions()


@router.get("/alerts/{fingerprint}/measure", summary="Show what an alert measures over time")
def show_alert_measure(
    user: Viewer,
    connection: Connection,
    fingerprint: Annotated[str, Path(pattern="^[0-9a-f]{16}$")],
    hours: Annotated[float, Query(gt=0, le=720)] = 6,
) -> Rehearsal:
    """Return the measure of its rule at its table, with the threshold, and when it would have fired."""
    return rehearsal.measured(connection, fingerprint, timedelta(hours=hours))


@router.get("/channels", summary="List the channels")
def list_channels(user: Admin, connection: Connection) -> list[AlertChannel]:
    """Return them without their secrets."""
    return [_channel(c) for c in channels.all_channels(connection)]


@router.post("/channels", summary="Add or replace a channel")
def put_channel(user: Admin, connection: Connection, body: PutChannel) -> AlertChannel:
    """Save a channel under its name; the secret is encrypted, and never shown."""
    secret = body.secret.get_secret_value() if body.secret is not None else None
    return _channel(desk.save_channel(connection, body.name, body.kind, body.config, secret, enabled=body.enabled,
                                      per_minute=body.per_minute))  # fmt: skip


@router.delete("/channels/{name}", status_code=204, summary="Remove a channel")
def remove_channel(user: Admin, connection: Connection, name: Name) -> None:
    """Remove it; messages to it are given up."""
    if not channels.delete_channel(connection, name):
        raise NotFoundError(f'there is no channel "{name}"')


@router.post("/channels/{name}/test", summary="Send a test message")
def test_channel(user: Admin, connection: Connection, name: Name) -> ChannelTested:
    """Send it now, and return what the receiver said."""
    return ChannelTested(response=desk.send_test(connection, name))


@router.post("/routes/test", summary="Say where an alert would go")
def route_alert(user: Viewer, connection: Connection, body: TestRoute) -> list[RoutedTo]:
    """Return the channels that an alert with such labels goes to, and by which routes."""
    return [
        RoutedTo(
            channel=place.channel,
            path=list(place.path),
            group_by=list(place.group_by),
            group_wait=place.pace.wait.total_seconds(),
            group_interval=place.pace.interval.total_seconds(),
            repeat_interval=place.pace.repeat.total_seconds(),
            mute_timings=list(place.mutes),
            escalates_to=[level.channel for level in place.escalation.levels] if place.escalation else [],
        )
        for place in desk.where_to(connection, body.labels)
    ]


@router.get("/routes", summary="Show the routing tree")
def show_routes(user: Viewer, connection: Connection) -> dict[str, object]:
    """Return it as files write it; empty if nobody has made one, and everything is on the dashboard only."""
    return quieting.route_document(connection) or {}


@router.put("/routes", summary="Replace the routing tree")
def put_routes(user: Admin, connection: Connection, body: Routes) -> dict[str, object]:
    """Check it, and let it take effect at once."""
    return desk.save_routes(connection, body.model_dump())


@router.get("/deliveries", summary="List messages to channels")
def list_deliveries(
    user: Admin, connection: Connection, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[Delivery]:
    """Return the newest, with what receivers said."""
    return [delivery(d) for d in outbox.deliveries(connection, limit)]


@router.post("/deliveries/{message_id}/send-again", status_code=204, summary="Send a message again")
def send_again(user: Admin, connection: Connection, message_id: Annotated[int, Path(ge=1, lt=2**63)]) -> None:
    """Take one that was given up up again, under its key."""
    if not outbox.send_again(connection, message_id):
        raise NotFoundError(f"there is no message {message_id} that was given up")


def _given(body: PutRule) -> dict[str, object]:
    return {name: value for name, value in body.model_dump(by_alias=True).items() if value is not None}


def _rule(kept: Kept) -> AlertRule:
    return AlertRule(
        name=kept.rule.name,
        kind=kept.rule.kind,
        enabled=kept.enabled,
        origin=kept.origin,
        owner=kept.owner,
        document=Declared(kept.rule, kept.enabled).document(),
    )


def _channel(channel: KeptChannel) -> AlertChannel:
    return AlertChannel(
        name=channel.name,
        kind=channel.kind,
        config=dict(channel.config),
        has_secret=channel.secret is not None,
        enabled=channel.enabled,
        last_error=channel.last_error,
        last_sent_at=channel.last_sent_at,
        per_minute=channel.per_minute,
    )
