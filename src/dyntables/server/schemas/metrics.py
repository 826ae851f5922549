"""Figures over time, and what they advise."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from dyntables.server.schemas.base import Schema


class MetricName(Schema):
    """A figure that is stored."""

    name: str = Field(examples=["lag_seconds"])
    unit: str
    description: str
    objects: list[str] = Field(description="The tables or sources that it is stored for; empty for the whole.")


class MetricPoint(Schema):
    """One slot of time."""

    at: datetime
    average: float
    least: float
    greatest: float
    samples: int


class MetricSeries(Schema):
    """One figure of one object over a window."""

    name: str
    object: str
    unit: str
    width_seconds: float
    points: list[MetricPoint]


class Severity(StrEnum):
    """How much a recommendation matters."""

    INFO = "INFO"
    WARNING = "WARNING"


class Recommendation(Schema):
    """Something to change, why, and how."""

    kind: str = Field(examples=["MISSING_INDEX"])
    severity: Severity
    object: str = Field(examples=["analytics.nation_ltv"])
    title: str
    detail: str
    statement: str | None = Field(None, description="SQL that does it.")
