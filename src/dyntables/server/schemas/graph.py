"""The graph of sources and dynamic tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from dyntables.health.judge import Health, Status
from dyntables.server.schemas.base import Schema
from dyntables.server.schemas.tables import ColumnEdge, QualityStanding


class NodeKind(StrEnum):
    """What a node is."""

    TABLE = "TABLE"
    DYNAMIC_TABLE = "DYNAMIC_TABLE"
    VIEW = "VIEW"
    OTHER = "OTHER"


class GraphNode(Schema):
    """A relation; what only a dynamic table has is null for others."""

    id: str = Field(examples=["t5", "r16405"])
    kind: NodeKind
    schema_name: str
    name: str
    level: int = Field(description="The longest way from a source.")
    rows: int | None = None
    bytes: int | None = None
    table_id: int | None = None
    mode: str | None = None
    status: Status | None = None
    health: Health | None = None
    scheduling_state: str | None = None
    lag_seconds: float | None = None
    target_lag_seconds: int | None = None
    effective_target_lag_seconds: int | None = None
    expected_seconds: float | None = None
    last_state: str | None = None
    last_action: str | None = None
    running: bool = False
    quality: QualityStanding | None = Field(None, description="Null if it has no rules.")
    captured: bool | None = Field(None, description="Of a source: whether its changes are captured.")


class GraphEdge(Schema):
    """``target`` reads ``source``."""

    source: str
    target: str
    columns: list[str]
    rows: int | None = Field(None, description="Changed rows that the last refresh of the target read.")


class Graph(Schema):
    """All nodes and edges, at an instant."""

    at: datetime
    nodes: list[GraphNode]
    edges: list[GraphEdge]


class CriticalStep(Schema):
    """One table on the way that a table's freshness waits for."""

    node: str
    schema_name: str
    name: str
    expected_seconds: float
    lag_seconds: float | None


class CriticalPath(Schema):
    """The slowest chain of refreshes below a table."""

    seconds: float
    steps: list[CriticalStep]


class ColumnLineage(Schema):
    """Edges from columns to columns."""

    edges: list[ColumnEdge]
