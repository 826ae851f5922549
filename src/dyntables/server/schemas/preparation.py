"""The progress of what the process prepares in the background."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from dyntables.server.schemas.base import Schema


class StepState(StrEnum):
    """How far a step is."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


class Step(Schema):
    """One step of the preparation."""

    name: str = Field(examples=["load lineitem"])
    state: StepState
    total: int
    done: int
    started_at: datetime | None
    ended_at: datetime | None


class Preparation(Schema):
    """What the process has prepared so far; ``active`` is false in one that prepares nothing."""

    active: bool
    ready: bool
    headline: str
    error: str | None
    changed_rows: int = Field(description="Rows that the stream of changes has changed so far.")
    steps: list[Step]
