"""Dynamic tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from dyntables.health.judge import Health, Status
from dyntables.health.quality import TableQuality
from dyntables.server.schemas.base import Body, Schema


class HealthCause(Schema):
    """One observation that a table's health follows from."""

    aspect: str = Field(description="refresh, freshness, schedule or mode", examples=["freshness"])
    health: Health
    message: str = Field(examples=["132 s old; its target lag is 60 s"])


class ModeReason(Schema):
    """Why a table is refreshed in full."""

    reason: str = Field(examples=["VOLATILE_FUNCTION"])
    detail: str
    hint: str | None = None
    fragment: str | None = None


class LastRefresh(Schema):
    """The newest refresh of a table in brief."""

    id: int
    state: str = Field(examples=["SUCCEEDED"])
    action: str | None = Field(examples=["INCREMENTAL"])
    reason: str | None = Field(examples=["CHANGES"])
    trigger: str = Field(examples=["SCHEDULED"])
    started_at: datetime
    ended_at: datetime | None
    duration_ms: float | None
    rows_inserted: int | None
    rows_deleted: int | None
    count: int = Field(description="How many in a row found nothing, or were skipped; this is the last of them.")
    error_message: str | None


class Blocker(Schema):
    """A session of the database that holds something up."""

    process_id: int
    user: str | None
    application: str | None
    address: str | None = Field(description="Null on a socket of the server's own machine.")
    state: str | None = Field(examples=["idle in transaction"])
    since: datetime | None = Field(description="When its transaction began.")
    query: str | None = Field(description="What it runs, or ran last; cut.")
    blocked_by: list[int] = Field(description="Server processes that it waits for itself.")


class RunningRefresh(Schema):
    """A refresh that runs now, in any process."""

    table_id: int
    schema_name: str
    name: str
    since: datetime
    seconds: float
    expected_seconds: float
    progress: float | None = Field(
        None, ge=0, le=1, description="Share of the expected time that is over; null without history."
    )
    action: str | None = Field(None, description="INCREMENTAL, FULL or REINITIALIZE, once it is known.")
    phase: str | None = Field(None, description="What it does now.", examples=["building an index"])
    statement: int | None = Field(None, description="The statement at work, from 1.")
    statements: int | None = None
    rows_done: int | None = None
    estimated_end: datetime | None = None
    waiting: bool = Field(description="Whether it still waits for the lock of its table.")
    wait_event: str | None = None
    blocked_by: list[int] = Field(default_factory=list, description="Server processes that hold what it waits for.")
    blockers: list[Blocker] = Field(default_factory=list, description="Those sessions, and whoever holds up them.")
    process_id: int = Field(description="The server process at work.")
    application: str


class Settable(StrEnum):
    """An option of a dynamic table that can be changed at any time."""

    SCHEDULE = "SCHEDULE"
    SUSPEND_AFTER_FAILURES = "SUSPEND_AFTER_FAILURES"
    DATA_RETENTION_TIME_IN_DAYS = "DATA_RETENTION_TIME_IN_DAYS"
    WORK_MEM = "WORK_MEM"
    MAX_PARALLEL_WORKERS = "MAX_PARALLEL_WORKERS"
    STATEMENT_TIMEOUT = "STATEMENT_TIMEOUT"
    LOCK_TIMEOUT = "LOCK_TIMEOUT"
    MAX_ACTIVE_SESSIONS = "MAX_ACTIVE_SESSIONS"


class QualityStanding(Schema):
    """How many rules of a table are checked, and what the newest check came to; null if there was none."""

    rules: int
    score: float | None = Field(description="0 to 100.")
    health: TableQuality | None
    failing: int = Field(description="Rules that failed, or could not be checked.")
    checked_at: datetime | None


class DynamicTable(Schema):
    """A dynamic table as lists show it."""

    id: int
    schema_name: str = Field(examples=["analytics"])
    name: str = Field(examples=["order_analytics_incremental"])
    qualified_name: str = Field(examples=["analytics.order_analytics_incremental"])
    owner: str
    comment: str | None
    created_at: datetime
    version: int = Field(description="Counts the definitions that the table has had.")
    mode: str = Field(description="INCREMENTAL or FULL", examples=["INCREMENTAL"])
    requested_mode: str = Field(examples=["AUTO"])
    mode_reasons: list[ModeReason]
    scheduling_state: str = Field(examples=["RUNNING"])
    suspend_reason: str | None
    suspended_at: datetime | None
    scheduled: bool
    target_lag: str = Field(examples=["1 minute", "DOWNSTREAM"])
    target_lag_seconds: int | None = Field(description="Null is DOWNSTREAM.")
    schedule: str | None = Field(description="A cron expression beside the target lag.", examples=["0 * * * *"])
    effective_target_lag_seconds: int | None = Field(
        description="For DOWNSTREAM the shortest of the tables that read it; null if none does."
    )
    lag_seconds: float | None
    data_timestamp: datetime | None
    next_refresh_at: datetime | None
    within_target_ratio: float | None = Field(description="Share of the last hour in which the lag was in target.")
    recent_lags: list[float] = Field(description="The lag just before each of the last refreshes, oldest first.")
    rows: int | None = Field(description="Estimated.")
    bytes: int
    last_refresh: LastRefresh | None
    running: RunningRefresh | None
    consecutive_failures: int
    retry_at: datetime | None
    expected_seconds: float
    upstream: list[str] = Field(description="Dynamic tables that it reads.")
    downstream: list[str] = Field(description="Dynamic tables that read it.")
    status: Status
    health: Health = Field(description="The worst of refresh, lag and quality.")
    quality: QualityStanding | None = Field(description="Null if it has no rules.")
    causes: list[HealthCause]


class Finding(Schema):
    """One answer to why a table is late."""

    finding: str = Field(examples=["blocked by"])
    detail: str


class TableColumn(Schema):
    """A column."""

    name: str
    type: str


class TableSource(Schema):
    """A relation that a dynamic table reads."""

    node: str = Field(description="Its id in the graph.", examples=["r16405"])
    schema_name: str
    name: str
    kind: str = Field(description="TABLE, DYNAMIC_TABLE, VIEW or OTHER")
    columns: list[str]


class TableDetail(DynamicTable):
    """A dynamic table with its definition; ``etag`` goes into If-Match of a change."""

    etag: str
    definition: str
    ddl: str
    dialect: str
    search_path: str
    time_zone: str
    initialize: str
    retention_days: int = Field(description="For how many days it is kept after a drop; 0: not at all.")
    options: dict[str, Any]
    settable: dict[Settable, str | None] = Field(
        description="Options that can be set at any time; null where the default holds."
    )
    settings: dict[str, str] = Field(
        description="Settings of the server under which the definition was written and is refreshed; ALTER … SET "
        "changes them.",
        examples=[{"DateStyle": "ISO, MDY", "TimeZone": "Europe/Berlin"}],
    )
    columns: list[TableColumn]
    sources: list[TableSource]


class DefinitionVersion(Schema):
    """A definition that a table has, or had."""

    version: int
    definition: str
    created_at: datetime
    created_by: str


class LagPoint(Schema):
    """One tooth of the lag: it grew to ``peak`` until a refresh ended, and fell to ``trough``."""

    at: datetime
    peak_seconds: float
    trough_seconds: float
    refresh_id: int
    action: str | None


class Percentiles(Schema):
    """Of all instants of a window, how many had at most this lag."""

    p50: float | None
    p95: float | None
    p99: float | None
    maximum: float | None


class LagSeries(Schema):
    """The lag of one table over a window; where there are too many teeth, the highest of each slot is kept."""

    schema_name: str
    name: str
    begin: datetime
    end: datetime
    target_lag_seconds: int | None
    current_seconds: float | None
    within_target_ratio: float | None
    percentiles: Percentiles
    points: list[LagPoint]


class Preview(Schema):
    """Some rows, as text; null is null."""

    columns: list[TableColumn]
    rows: list[list[str | None]]
    truncated: bool
    milliseconds: float


class ColumnEdge(Schema):
    """Where an output column comes from; without ``column`` the source column decides which rows there are."""

    schema_name: str
    name: str
    column: str | None
    source_schema: str | None
    source_name: str | None
    source_column: str | None
    kind: str = Field(examples=["AGGREGATE"])
    expression: str | None


class PredictedRead(Schema):
    """What a next refresh would read of one relation."""

    name: str
    rows: int | None
    exact: bool


class PredictedRefresh(Schema):
    """What the next refresh of a table would do."""

    name: str
    role: str = Field(description="TARGET, UPSTREAM or DOWNSTREAM")
    action: str
    reason: str
    reason_text: str
    reads: list[PredictedRead]
    estimated_rows: int | None


class CreateTable(Body):
    """A table to create: either the whole statement, or its parts."""

    sql: str | None = Field(
        None,
        examples=[
            "CREATE DYNAMIC TABLE daily TARGET_LAG = '1 minute' AS SELECT day, count(*) FROM orders GROUP BY day"
        ],
    )
    schema_name: str | None = Field(None, max_length=63)
    name: str | None = Field(None, min_length=1, max_length=63)
    query: str | None = Field(None, min_length=1)
    target_lag: str | None = Field(None, max_length=40, examples=["1 minute", "DOWNSTREAM"])
    refresh_mode: str | None = Field(None, pattern="^(AUTO|FULL|INCREMENTAL|ADAPTIVE)$")
    initialize: str | None = Field(None, pattern="^(ON_CREATE|ON_SCHEDULE)$")
    dialect: str | None = Field(None, pattern="^(POSTGRESQL|SNOWFLAKE)$")
    comment: str | None = Field(None, max_length=2000)
    or_replace: bool = False


class AlterTable(Body):
    """Changes of a table; what is left out stays."""

    target_lag: str | None = Field(None, max_length=40, examples=["5 minutes", "DOWNSTREAM"])
    comment: str | None = Field(None, max_length=2000, description="Empty: it has none any more.")
    scheduled: bool | None = Field(None, description="Whether the scheduler refreshes it.")
    scheduling_state: str | None = Field(None, pattern="^(RUNNING|SUSPENDED)$")
    new_name: str | None = Field(None, min_length=1, max_length=63)
    new_schema_name: str | None = Field(None, min_length=1, max_length=63)
    options: dict[Settable, str | None] = Field(
        default_factory=dict,
        description="Options to set; null returns one to its default.",
        examples=[{"WORK_MEM": "1GB"}],
    )
