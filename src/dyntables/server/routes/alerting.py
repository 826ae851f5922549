"""What is watched and who is told: rules, channels, routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from dyntables.alerting import desk
from dyntables.alerts.declaring import Declared, read_rule
from dyntables.catalog.alerts import channels, rules
from dyntables.catalog.alerts.channels import KeptChannel
from dyntables.catalog.alerts.rules import Kept
from dyntables.engines.postgres.rights.membership import user_of
from dyntables.errors import NotFoundError
from dyntables.server.deps import Admin, Connection, Editor, Viewer
from dyntables.server.schemas.alerts import (
    AlertChannel,
    AlertRule,
    ChannelTested,
    PutChannel,
    PutRule,
    RoutedTo,
    TestRoute,
)

router = APIRouter(tags=["alerts"])
Name = Annotated[str, Path(max_length=200)]


@router.get("/alert-rules", summary="List the rules of alerts")
def list_alert_rules(user: Viewer, connection: Connection) -> list[AlertRule]:
    """Return every rule, by name."""
    return [_rule(k) for k in rules.all_rules(connection)]


@router.post("/alert-rules", summary="Add or replace a rule of alerts")
def put_alert_rule(user: Editor, connection: Connection, body: PutRule) -> AlertRule:
    """Save a rule under its name; its query runs with the rights of the role that the person acts for."""
    given = {name: value for name, value in body.model_dump(by_alias=True).items() if value is not None}
    declared = read_rule(given, f'the rule "{body.name}"')
    return _rule(desk.save_rule(connection, declared, user.database_role or user_of(connection), "user"))


@router.delete("/alert-rules/{name}", status_code=204, summary="Remove a rule of alerts")
def remove_alert_rule(user: Editor, connection: Connection, name: Name) -> None:
    """Remove it; its alerts are resolved."""
    if not rules.delete_rule(connection, name):
        raise NotFoundError(f'there is no rule "{name}"')


@router.get("/channels", summary="List the channels")
def list_channels(user: Admin, connection: Connection) -> list[AlertChannel]:
    """Return them without their secrets."""
    return [_channel(c) for c in channels.all_channels(connection)]


@router.post("/channels", summary="Add or replace a channel")
def put_channel(user: Admin, connection: Connection, body: PutChannel) -> AlertChannel:
    """Save a channel under its name; the secret is encrypted, and never shown."""
    secret = body.secret.get_secret_value() if body.secret is not None else None
    return _channel(desk.save_channel(connection, body.name, body.kind, body.config, secret, enabled=body.enabled))


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
        )
        for place in desk.where_to(connection, body.labels)
    ]


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
    )
