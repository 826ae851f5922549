"""The rows of the catalog as plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from dyntables.catalog.options import RETENTION_DAYS, SUSPEND_AFTER, TableOptions
from dyntables.catalog.parts.contents import Contents
from dyntables.catalog.parts.definition import Definition
from dyntables.catalog.parts.dependency import Dependency, DependencyKind
from dyntables.catalog.parts.health import Health
from dyntables.catalog.parts.schedule import Schedule
from dyntables.catalog.region import Region


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
    QUARANTINE_CHANGED = "QUARANTINE_CHANGED"
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
class DynamicTable:
    """A dynamic table as the catalog has it; ``view_oid``: of the view that people read, None if it is gone."""

    id: int
    schema: str
    name: str
    view_oid: int | None
    owner: str
    comment: str | None
    created_at: datetime
    dependencies: tuple[Dependency, ...]
    definition: Definition
    schedule: Schedule
    contents: Contents
    health: Health

    @property
    def qualified(self) -> str:
        """``schema.name``, for people."""
        return f"{self.schema}.{self.name}"

    @property
    def incremental(self) -> bool:
        """Whether changes are followed rather than everything computed again."""
        return self.definition.incremental

    @property
    def region(self) -> Region | None:
        """The frozen region that the owner asked for."""
        return self.definition.region

    @property
    def maintained(self) -> str:
        """The query of the rows that are maintained: the definition without what is frozen."""
        canonical = self.definition.canonical
        if self.region is None:
            return canonical
        return self.region.maintained(canonical, self.contents.frozen.get("start", []))

    @property
    def fresh_at(self) -> datetime | None:
        """The last instant as of which the contents are known to be those of the definition."""
        return self.contents.fresh_at

    @property
    def cron(self) -> str | None:
        """The cron expression of SCHEDULE, with its time zone if one was given."""
        return self.definition.options.schedule

    @property
    def suspend_after(self) -> int:
        """After how many failures in a row the table is suspended; 0 is never."""
        said = self.definition.options.suspend_after
        return SUSPEND_AFTER if said is None else said

    @property
    def retention_days(self) -> int:
        """How many days it is kept for UNDROP after it was dropped; 0 is not at all."""
        said = self.definition.options.retention_days
        return RETENTION_DAYS if said is None else said

    @property
    def storage(self) -> str:
        """The storage table of the present generation."""
        return storage_name(self.id, self.contents.generation)

    @property
    def captured(self) -> frozenset[int]:
        """The tables that it reads whose changes are logged, by OID."""
        return frozenset(d.relation for d in self.dependencies if d.kind is DependencyKind.TABLE)

    @property
    def change_log(self) -> str:
        """The table that records this table's own output deltas."""
        return f"dyntables_log.d{self.id}"

    @property
    def beside(self) -> int | None:
        """The view of the rows that wait in quarantine, by OID; None if none may."""
        view: int | None = self.contents.quarantine.get("view")
        return view

    def with_canonical(self, canonical: str) -> DynamicTable:
        """Return the table with its definition as the server writes it now."""
        return replace(self, definition=replace(self.definition, canonical=canonical))

    def with_options(self, options: TableOptions) -> DynamicTable:
        """Return the table with other options."""
        return replace(self, definition=replace(self.definition, options=options))

    def with_quarantine(self, quarantine: dict[str, Any]) -> DynamicTable:
        """Return the table with its contents split in another way."""
        return replace(self, contents=replace(self.contents, quarantine=quarantine))

    def with_frozen(self, frozen: dict[str, Any]) -> DynamicTable:
        """Return the table with something else known of its frozen rows."""
        return replace(self, contents=replace(self.contents, frozen=frozen))


def storage_name(table_id: int, generation: int) -> str:
    """Return the qualified name of the storage of one generation."""
    return f"dyntables_data.t{table_id}_g{generation}"


def frozen_name(table_id: int, generation: int) -> str:
    """Return the qualified name of the frozen rows that were put aside with the storage of one generation."""
    return f"{storage_name(table_id, generation)}_frozen"
