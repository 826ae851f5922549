"""Plans: how a dynamic table is kept fresh (docs/explain.md)."""

from __future__ import annotations

from pydantic import Field

from dyntables.server.schemas.base import Schema


class PlanPlace(Schema):
    """Where in the query something stands, from 1."""

    line: int
    column: int
    text: str


class PlanReason(Schema):
    """One reason for a full refresh."""

    reason: str
    detail: str
    hint: str | None
    place: PlanPlace | None


class PlanSource(Schema):
    """A relation that is read."""

    schema_name: str
    name: str
    kind: str
    columns: list[str]
    rows: int | None


class PlanState(Schema):
    """What a stage keeps; rows and bytes are null where it is not built yet."""

    stage: int
    storage: str | None
    keeps: str
    index: str
    rows: int | None
    bytes: int | None


class PlanLookup(Schema):
    """A look-up by key that a refresh makes."""

    table: str
    columns: list[str]
    index: str | None
    missing: bool
    when: str
    rows: int | None
    statement: str | None = Field(description="Makes the index that is missing.")


class PlanNode(Schema):
    """One operator."""

    id: int
    kind: str
    operator_class: str = Field(description="source, linear, bilinear, merged, touched keys or diff")
    law: str
    label: str
    detail: list[str]
    columns: list[str]
    state: PlanState | None
    lookups: list[PlanLookup]
    children: list[PlanNode]


class PlanStatement(Schema):
    """One statement of a refresh."""

    stage: int
    purpose: str
    label: str
    guard: str | None
    sql: str


class MeasuredStatement(Schema):
    """What one statement took."""

    purpose: str
    label: str
    rows: int
    milliseconds: float


class MeasuredStage(Schema):
    """What the statements of one stage took."""

    stage: int
    rows: int
    milliseconds: float
    statements: list[MeasuredStatement]


class Measured(Schema):
    """The newest refresh that did work."""

    refresh_id: int
    action: str
    reason: str | None
    milliseconds: float
    rows_inserted: int
    rows_deleted: int
    source_changes: dict[str, int]
    stages: list[MeasuredStage]


class Plan(Schema):
    """How one dynamic table is kept fresh; ``tree`` is null where it is refreshed in full."""

    name: str
    mode: str
    requested_mode: str
    reasons: list[PlanReason]
    sources: list[PlanSource]
    stages: list[PlanState]
    tree: PlanNode | None
    missing_indexes: list[PlanLookup]
    classes: dict[str, str]
    statements: list[PlanStatement] = Field(default_factory=list)
    measured: Measured | None = None
