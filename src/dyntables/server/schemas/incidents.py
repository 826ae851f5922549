"""What people do about alerts, incidents, and how they fare."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from dyntables.server.schemas.alerts import Alert, AlertEvent, Name, PutRule, Text
from dyntables.server.schemas.base import Body, Schema


class Assign(Body):
    """Whose an alert is from now on; null for nobody's."""

    to: Name | None = None


class Comment(Body):
    """What is said of an alert."""

    text: Text = Field(min_length=1)


class Snooze(Body):
    """Until when an alert is not told."""

    until: datetime
    note: Text | None = None


class Resolve(Body):
    """What is said when an alert is resolved by hand."""

    note: Text | None = None


class Delivery(Schema):
    """A message to a channel."""

    id: int
    key: UUID = Field(description="The Idempotency-Key: a message that is sent twice has one.")
    channel: str
    telling: str = Field(examples=["FIRST"], description="Why it was sent.")
    state: str = Field(examples=["SENT"], description="WAITING, SENDING, SENT or DEAD.")
    attempts: int
    created_at: datetime
    ended_at: datetime | None
    latency_ms: float | None
    response: str | None


class Incident(Schema):
    """Alerts that belong together; labels and text are of the one that it is named after."""

    id: int
    fingerprint: str
    labels: dict[str, str]
    text: str
    alerts: int = Field(description="How many alerts it has had.")
    opened_at: datetime
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class IncidentEvent(AlertEvent):
    """One change of an alert of an incident."""

    fingerprint: str
    labels: dict[str, str]


class IncidentDetail(Schema):
    """An incident, its alerts as they stand, its timeline, the newest first, and what channels were told."""

    incident: Incident
    alerts: list[Alert]
    timeline: list[IncidentEvent]
    deliveries: list[Delivery]


class Offender(Schema):
    """A rule at a table: how often it fired, how often nobody did anything, and for how long it fired in all."""

    rule: str
    table_name: str | None
    fired: int
    untouched: int
    seconds: float


class AlertReport(Schema):
    """How people fare with alerts; times in seconds, null if there is nothing to take them of."""

    days: int
    incidents: int
    acknowledged: int
    resolved: int
    mean_to_acknowledge: float | None = Field(description="MTTA: from the first alert to the acknowledgement.")
    mean_to_resolve: float | None = Field(description="MTTR: from the first alert until the last is resolved.")
    median_to_resolve: float | None
    offenders: list[Offender] = Field(description="What fired most often.")


class MeasuredPoint(Schema):
    """A measure at an instant."""

    at: datetime
    value: float


class FiredStretch(Schema):
    """For how long the alert would have fired; the end is null if it still would."""

    begin: datetime
    end: datetime | None


class TableRehearsal(Schema):
    """What a rule would have seen of one table."""

    table: str
    points: list[MeasuredPoint]
    fired: list[FiredStretch]


class Rehearsal(Schema):
    """What a rule would have done in the past."""

    begin: datetime
    end: datetime
    fired: int = Field(description="How often it would have fired, over all tables.")
    selected: int = Field(description="How many tables it looks at; of very many, the first were tried.")
    tried: int
    tables: list[TableRehearsal] = Field(description="Those that would have fired most often, with their measures.")
    threshold: float
    direction: str = Field(examples=["above"])
    unit: str
    why_not: str | None = Field(description="Why it could not be tried.")


class DryRun(Body):
    """A rule to be tried, and on how many days."""

    rule: PutRule
    days: float = Field(7, gt=0, le=30)


class Condition(Schema):
    """A kind of condition, and what a rule of it has if it says nothing else."""

    kind: str
    summary: str
    unit: str
    about: str = Field(examples=["table"], description="What it looks at: table, installation or query.")
    threshold: float
    direction: str
    severity: str


class Routes(Body):
    """The routing tree, as files write it."""

    route: dict[str, object] = Field(default_factory=dict)
    mute_timings: dict[str, object] = Field(default_factory=dict)


class Matching(Body):
    """Matchers of labels."""

    matchers: list[Text] = Field(min_length=1, max_length=50, examples=[['table="sales.orders"']])
