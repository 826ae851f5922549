"""Definitions that are not stored: validated and explained."""

from __future__ import annotations

from pydantic import Field

from dyntables.server.schemas.base import Body, Problem, Schema
from dyntables.server.schemas.plans import Plan, PlanReason
from dyntables.server.schemas.tables import Preview, TableColumn

# What a server checks while others wait; longer ones are created by the command line.
LONGEST_SQL = 200_000


class Draft(Body):
    """A CREATE DYNAMIC TABLE statement that is not run."""

    sql: str = Field(
        min_length=1,
        max_length=LONGEST_SQL,
        examples=["CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT count(*) FROM tpch.orders"],
    )


class Clause(Schema):
    """What the compiler says of one operator of the definition."""

    label: str = Field(examples=["Aggregate by orders.o_orderdate"])
    kind: str
    operator_class: str
    verdict: str = Field(description="incremental or full", examples=["incremental"])
    explanation: str
    line: int | None = None
    column: int | None = None


class DraftDependency(Schema):
    """What the definition reads."""

    node: str
    schema_name: str
    name: str
    kind: str
    rows: int | None
    columns: list[str]


class Validation(Schema):
    """Whether a statement could be run, and what it would be."""

    valid: bool
    problems: list[Problem]
    name: str | None = Field(None, description="Schema and name of the table.")
    exists: bool = Field(False, description="Whether a dynamic table of that name exists.")
    mode: str | None = Field(None, description="INCREMENTAL or FULL")
    requested_mode: str | None = None
    reasons: list[PlanReason] = Field(default_factory=list, description="Why FULL.")
    clauses: list[Clause] = Field(default_factory=list)
    columns: list[TableColumn] = Field(default_factory=list)
    dependencies: list[DraftDependency] = Field(default_factory=list)
    notices: list[str] = Field(default_factory=list)
    target_lag_seconds: int | None = None


class ExplainDraft(Draft):
    """A draft to explain."""

    sample_rows: int = Field(20, ge=0, le=500, description="Rows of a test run; 0 makes none.")
    changed_rows: int = Field(1000, ge=1, le=10_000_000, description="Changed rows for which to estimate.")


class Cost(Schema):
    """What one refresh is estimated to take."""

    planner_cost: float | None
    rows: int | None
    seconds: float | None
    explanation: str


class Estimate(Schema):
    """Incremental against full."""

    changed_rows: int
    full: Cost
    incremental: Cost | None = Field(description="Null where the definition cannot be refreshed incrementally.")
    advice: str
    shortest_sensible_lag_seconds: int | None


class DraftChange(Schema):
    """What replacing an existing table would change."""

    table: str
    columns_added: list[str]
    columns_removed: list[str]
    columns_retyped: list[str]
    mode_before: str
    mode_after: str
    reinitialized: list[str] = Field(description="Tables that would be built anew.")


class DraftExplanation(Schema):
    """Everything about a definition before it is created."""

    validation: Validation
    plan: Plan | None
    estimate: Estimate | None
    sample: Preview | None
    sample_problem: Problem | None
    change: DraftChange | None = Field(description="If a table of that name exists.")
