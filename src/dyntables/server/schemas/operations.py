"""Statements that take time: started, watched, cancelled."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from dyntables.server.schemas.base import Problem, Schema


class OperationState(StrEnum):
    """How far an operation is."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class OperationKind(StrEnum):
    """What an operation does."""

    CREATE = "CREATE"
    REFRESH = "REFRESH"
    VERIFY = "VERIFY"
    DROP = "DROP"
    UNDROP = "UNDROP"
    ALTER = "ALTER"
    CHECK_QUALITY = "CHECK_QUALITY"


class RefreshOutcome(Schema):
    """What a refresh did to one table."""

    name: str
    state: str
    action: str | None
    reason: str | None
    rows_inserted: int
    rows_deleted: int
    duration_ms: float
    error: str | None


class VerifyOutcome(Schema):
    """Whether a table equals its definition; where a region is frozen, outside of it."""

    name: str
    equal: bool
    missing_rows: int
    extra_rows: int
    data_timestamp: datetime | None
    action: str | None
    frozen_rows: int | None


class Operation(Schema):
    """A statement at work, or done; kept for an hour."""

    id: UUID
    kind: OperationKind
    objects: list[str] = Field(examples=[["analytics.nation_ltv"]])
    user: str
    state: OperationState
    started_at: datetime
    ended_at: datetime | None = None
    seconds: float
    notices: list[str] = Field(default_factory=list)
    refreshes: list[RefreshOutcome] = Field(default_factory=list)
    verifications: list[VerifyOutcome] = Field(default_factory=list)
    problem: Problem | None = None
