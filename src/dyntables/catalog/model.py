"""The rows of the catalog as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from dyntables.catalog.options import RETENTION_DAYS, SUSPEND_AFTER, TableOptions
from dyntables.catalog.region import Region

SUSPENDED_DUE_TO_ERRORS = "SUSPENDED_DUE_TO_ERRORS"
UPSTREAM_SUSPENDED_DUE_TO_ERRORS = "UPSTREAM_SUSPENDED_DUE_TO_ERRORS"
LONG_AGO = datetime.fromtimestamp(0, UTC)


class Action(StrEnum):
    """What a refresh did."""

    NO_DATA = "NO_DATA"
    INCREMENTAL = "INCREMENTAL"
    FULL = "FULL"
    REINITIALIZE = "REINITIALIZE"


class RefreshState(StrEnum):
    """How a refresh ended."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    UPSTREAM_FAILED = "UPSTREAM_FAILED"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"


class Trigger(StrEnum):
    """Why a refresh was started."""

    SCHEDULED = "SCHEDULED"
    MANUAL = "MANUAL"
    CREATION = "CREATION"


class RefreshReason(StrEnum):
    """Why a refresh took the action that it took."""

    INITIAL = "INITIAL"
    CHANGES = "CHANGES"
    NO_CHANGES = "NO_CHANGES"
    FULL_MODE = "FULL_MODE"
    CHEAPER_IN_FULL = "CHEAPER_IN_FULL"
    NOT_INCREMENTAL = "NOT_INCREMENTAL"
    SOURCE_ALTERED = "SOURCE_ALTERED"
    FUNCTION_CHANGED = "FUNCTION_CHANGED"
    SOURCE_TRUNCATED = "SOURCE_TRUNCATED"
    ROWS_MOVED = "ROWS_MOVED"
    DEFINITION_CHANGED = "DEFINITION_CHANGED"
    DEFINITION_ALTERED = "DEFINITION_ALTERED"
    UNDROPPED = "UNDROPPED"
    CLONED = "CLONED"
    FROZEN_REGION_CHANGED = "FROZEN_REGION_CHANGED"
    UPSTREAM_REINITIALIZED = "UPSTREAM_REINITIALIZED"
    CAPTURE_MISSING = "CAPTURE_MISSING"
    LOG_LIMIT = "LOG_LIMIT"
    INVARIANT_VIOLATED = "INVARIANT_VIOLATED"
    EXPRESSION_FAILED = "EXPRESSION_FAILED"
    RECURSION_NEEDS_REBUILD = "RECURSION_NEEDS_REBUILD"
    VIEW_MISSING = "VIEW_MISSING"
    OTHER_SERVER = "OTHER_SERVER"
    UPSTREAM_FAILED = "UPSTREAM_FAILED"
    CANCELLED = "CANCELLED"
    ERROR = "ERROR"
    STILL_RUNNING = "STILL_RUNNING"
    WORKERS_BUSY = "WORKERS_BUSY"


@dataclass(frozen=True, slots=True)
class Dependency:
    """One relation that a dynamic table reads; ``upstream`` is the id if it is a dynamic table."""

    relation: int
    kind: str
    upstream: int | None
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DynamicTable:
    """A dynamic table as the catalog has it; ``target_lag_seconds`` None is DOWNSTREAM.

    ``looked_at``: when a look last found nothing to do, if that was after ``data_timestamp``; ``looked_from``: the
    snapshot of that look, which only who looked knows.
    ``stamp``: which text was read for the names in it, and with what result (``refresh.sources.naming``).
    """

    id: int
    schema: str
    name: str
    view_oid: int | None
    owner: str
    version: int
    generation: int
    query: str
    canonical: str
    search_path: str
    time_zone: str
    target_lag_seconds: int | None
    refresh_mode: str
    effective_mode: str
    mode_reasons: list[dict[str, Any]]
    initialize: str
    scheduled: bool
    options: TableOptions
    comment: str | None
    scheduling_state: str
    suspend_reason: str | None
    fingerprint: dict[str, Any]
    layout: str | None
    frontier: str | None
    consumed: dict[str, int]
    change_version: int
    data_timestamp: datetime | None
    reinitialize_reason: str | None
    system_identifier: str | None
    consecutive_failures: int
    retry_at: datetime | None
    expected_seconds: float
    costs: dict[str, Any] = field(default_factory=dict)
    created_at: datetime = LONG_AGO
    dependencies: tuple[Dependency, ...] = field(default=())
    frozen: dict[str, Any] = field(default_factory=dict)
    code: dict[str, str] | None = None
    stamp: str | None = None
    settings: dict[str, str] = field(default_factory=dict)
    looked_at: datetime | None = None
    looked_from: str | None = None

    @property
    def fresh_at(self) -> datetime | None:
        """The last instant as of which the contents are known to be those of the definition."""
        return self.looked_at or self.data_timestamp

    @property
    def log_frontier(self) -> str:
        """A snapshot after which the logs hold whatever this table has not consumed; empty without contents.

        What a look did not find in the logs after the frontier was not written before the look.
        """
        return self.looked_from or self.frontier or ""

    @property
    def all_settings(self) -> dict[str, str]:
        """The settings of the definition, with the time zone."""
        return {**self.settings, "TimeZone": self.time_zone}

    @property
    def region(self) -> Region | None:
        """The frozen region that the owner asked for."""
        return self.options.frozen

    @property
    def maintained(self) -> str:
        """The query of the rows that are maintained: the definition without what is frozen."""
        if self.region is None:
            return self.canonical
        return self.region.maintained(self.canonical, self.frozen.get("start", []))

    @property
    def runs_by_itself(self) -> bool:
        """Whether the scheduler may refresh it, for its own sake or a reader's."""
        return self.scheduled and self.scheduling_state == "RUNNING"

    @property
    def schedule(self) -> str | None:
        """The cron expression, with its time zone if one was given."""
        return self.options.schedule

    @property
    def suspend_after(self) -> int:
        """After how many failures in a row the table is suspended; 0 is never."""
        return SUSPEND_AFTER if self.options.suspend_after is None else self.options.suspend_after

    @property
    def retention_days(self) -> int:
        """How many days it is kept for UNDROP after it was dropped; 0 is not at all."""
        return RETENTION_DAYS if self.options.retention_days is None else self.options.retention_days

    @property
    def qualified(self) -> str:
        """``schema.name``, for people."""
        return f"{self.schema}.{self.name}"

    @property
    def storage(self) -> str:
        """The storage table of the present generation."""
        return storage_name(self.id, self.generation)

    @property
    def incremental(self) -> bool:
        """Whether changes are followed rather than everything computed again."""
        return self.effective_mode == "INCREMENTAL"

    @property
    def captured(self) -> frozenset[int]:
        """The tables that it reads whose changes are logged, by OID."""
        return frozenset(d.relation for d in self.dependencies if d.kind == "TABLE")

    @property
    def change_log(self) -> str:
        """The table that records this table's own output deltas."""
        return f"dyntables_log.d{self.id}"


def storage_name(table_id: int, generation: int) -> str:
    """Return the qualified name of the storage of one generation."""
    return f"dyntables_data.t{table_id}_g{generation}"


def frozen_name(table_id: int, generation: int) -> str:
    """Return the qualified name of the frozen rows that were put aside with the storage of one generation."""
    return f"{storage_name(table_id, generation)}_frozen"
