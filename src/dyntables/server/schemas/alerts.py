"""Alerts, rules, silences, channels and routes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from dyntables.alerts.model import Severity, State
from dyntables.server.schemas.base import Body, Schema

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Text = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]


class Acknowledgement(Schema):
    """Who is at an alert, since when, and what they say."""

    at: datetime
    by: str
    note: str | None


class Alert(Schema):
    """An alert as it stands."""

    fingerprint: str = Field(examples=["3f0c9d1b2a4e5f60"])
    labels: dict[str, str] = Field(description="rule, kind, severity; table and schema, if it is about a table.")
    state: State
    since: datetime
    value: float | None = Field(description="What was last measured, in the unit of the condition.")
    text: str = Field(description="What is the matter, in a sentence.")
    inhibited_by: str | None = Field(description="The fingerprint of the alert that it follows from.")
    silenced_by: int | None = Field(description="The silence that keeps it from being told.")
    acknowledged: Acknowledgement | None
    runbook: str | None
    assigned_to: str | None
    snoozed_until: datetime | None
    flapping: bool = Field(description="It comes and goes: channels are told that it fires until it is calm.")
    dismissed: bool = Field(description="A person resolved it, and its condition was not clear since.")
    incident_id: int | None


class AlertEvent(Schema):
    """One change of an alert."""

    before: State
    after: State
    reason: str = Field(examples=["CONDITION_MET"])
    at: datetime
    value: float | None
    text: str
    who: str | None


class AlertDetail(Schema):
    """An alert, what it follows from, what follows from it, and what has happened to it, the newest first."""

    alert: Alert
    cause: Alert | None = Field(description="The alert that it follows from: the root.")
    follows: list[Alert]
    history: list[AlertEvent]


class Acknowledge(Body):
    """What is said with an acknowledgement."""

    note: Text | None = None


class AlertRule(Schema):
    """A rule; ``document`` is how files and this API write it."""

    name: str
    kind: str
    enabled: bool
    origin: Literal["default", "user", "sql", "file"]
    owner: str = Field(description="The role whose rights count when the query runs.")
    document: dict[str, object]


class PutRule(Body):
    """A rule, as files write it; what is left out is as the condition has it."""

    name: Name
    kind: Name = Field(examples=["freshness"])
    tables: Text = "*"
    severity: Severity | None = None
    above: float | None = None
    below: float | None = None
    clear: float | None = None
    pending_seconds: float = Field(0, ge=0, le=31_622_400, alias="for", description="How long before it fires.")
    keep_firing_for: float = Field(0, ge=0, le=31_622_400)
    query: Annotated[str, Field(max_length=100_000)] | None = None
    channels: list[Name] = Field(default_factory=list, max_length=50)
    labels: dict[str, Text] = Field(default_factory=dict, max_length=50)
    runbook: Text | None = None
    enabled: bool = True


class AlertSilence(Schema):
    """A silence."""

    id: int
    matchers: list[str]
    starts_at: datetime
    ends_at: datetime
    author: str
    reason: str


class AddSilence(Body):
    """A silence that begins now, or later."""

    matchers: list[Text] = Field(min_length=1, max_length=50, examples=[['table="sales.orders"']])
    reason: Text = Field(min_length=1)
    starts_at: datetime | None = None
    ends_at: datetime


class AlertChannel(Schema):
    """A channel; its secret is never shown."""

    name: str
    kind: str
    config: dict[str, str]
    has_secret: bool
    enabled: bool
    last_error: str | None
    last_sent_at: datetime | None
    per_minute: int = Field(description="How many messages it is sent in a minute; of what is more, one tells.")


class PutChannel(Body):
    """A channel; without a secret it keeps the one that it has, unless its settings change."""

    name: Name
    kind: Name = Field(examples=["webhook"])
    config: dict[str, Text] = Field(default_factory=dict, max_length=20)
    secret: SecretStr | None = Field(None, max_length=10_000)
    enabled: bool = True
    per_minute: int = Field(20, ge=1, le=10_000)


class ChannelTested(Schema):
    """What the receiver of a test message said."""

    response: str


class TestRoute(Body):
    """Labels of an alert."""

    labels: dict[str, Text] = Field(max_length=50)


class RoutedTo(Schema):
    """Where such an alert goes, and by which routes."""

    channel: str
    path: list[str]
    group_by: list[str]
    group_wait: float
    group_interval: float
    repeat_interval: float
    mute_timings: list[str]
    escalates_to: list[str] = Field(description="Channels that are told, too, if nobody acknowledges.")
