"""The one question: is everything fresh, and if not, which object is to blame."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from dyntables.health.judge import Health, Status
from dyntables.server.schemas.base import Schema
from dyntables.server.schemas.tables import RunningRefresh


class Attention(Schema):
    """A table that is not as it should be."""

    table_id: int
    schema_name: str
    name: str
    status: Status
    health: Health
    message: str
    lag_seconds: float | None
    target_lag_seconds: int | None
    root_cause: str | None = Field(description="The table or source below it that is to blame, if another is.")


class Blame(Schema):
    """The one object to look at first."""

    kind: str = Field(description="DYNAMIC_TABLE, SOURCE, SCHEDULER", examples=["DYNAMIC_TABLE"])
    schema_name: str | None
    name: str | None
    message: str
    hint: str | None
    affected: list[str] = Field(description="The tables that are not fresh because of it, itself included.")


class Leader(Schema):
    """Who schedules."""

    active: bool
    process_id: int | None = Field(description="Its process on the database server.")
    process: str | None = Field(description="Host and process id of the leader.", examples=["db1:4711"])
    since: datetime | None
    here: bool = Field(description="Whether it is this very process.")


class CaptureSummary(Schema):
    """The capture of all sources together."""

    sources: int
    unhealthy: int
    log_bytes: int
    backlog_rows: int


class Resources(Schema):
    """What this process, the machine and the database use now."""

    server_cpu_percent: float | None
    server_memory_bytes: int | None
    machine_cpu_percent: float | None
    machine_memory_percent: float | None
    database_bytes: int
    storage_bytes: int
    connections: int
    max_connections: int


class Overview(Schema):
    """Everything of the first page."""

    at: datetime
    fresh: bool
    verdict: str = Field(examples=["All 7 dynamic tables are fresh."])
    blame: Blame | None
    counts: dict[Status, int]
    within_target_ratio: float | None = Field(description="Over all tables, in the last hour.")
    attention: list[Attention]
    running: list[RunningRefresh]
    changes_per_second: float | None = Field(description="Rows that refreshes applied, over the last minute.")
    refreshes_last_hour: int
    failures_last_hour: int
    leader: Leader
    capture: CaptureSummary
    resources: Resources
