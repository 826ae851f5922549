"""The SQL console."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from dyntables.server.schemas.base import Body, Schema


class Query(Body):
    """One statement to run, reading only."""

    sql: str = Field(min_length=1, examples=["SELECT * FROM analytics.nation_ltv ORDER BY 1"])
    id: UUID | None = Field(None, description="Names the query, so that it can be cancelled at once.")
    limit: int | None = Field(
        1000,
        ge=1,
        le=1_000_000,
        description="Most rows; null is every row. NDJSON has at most as many as the server shows.",
    )
    timeout_seconds: float | None = Field(None, gt=0, le=3600)


class QueryHead(Schema):
    """The first line of an NDJSON result."""

    id: UUID
    columns: list[QueryColumn]


class QueryColumn(Schema):
    """A column of a result."""

    name: str
    type: str
    numeric: bool


class QueryEnd(Schema):
    """The last line of an NDJSON result; between it and the first there is one array a row."""

    rows: int
    truncated: bool
    milliseconds: float
    error: dict[str, Any] | None = Field(None, description="A problem that came after the first row.")


class RunningQuery(Schema):
    """A query of the console that runs now."""

    id: UUID
    user: str
    sql: str
    started_at: datetime


class ExplainQuery(Body):
    """A statement to explain."""

    sql: str = Field(min_length=1)
    analyze: bool = Field(False, description="Run it, reading only, and measure.")


class QueryPlan(Schema):
    """PostgreSQL's plan, as EXPLAIN (FORMAT JSON) gives it."""

    plan: dict[str, Any]
    planning_ms: float | None
    execution_ms: float | None


QueryHead.model_rebuild()
