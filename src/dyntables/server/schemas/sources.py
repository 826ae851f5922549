"""Sources and the capture of their changes."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from dyntables.server.schemas.base import Schema


class Backlog(Schema):
    """What one reader has not consumed yet."""

    schema_name: str
    name: str
    rows: int
    truncated: bool = Field(description="Counting was stopped: there are more.")


class Source(Schema):
    """A table that dynamic tables read."""

    node: str = Field(examples=["r16405"])
    schema_name: str
    name: str
    kind: str
    exists: bool
    rows: int | None = Field(description="Estimated.")
    bytes: int | None
    captured: bool = Field(description="Whether changes are captured; sources of full refreshes are not.")
    healthy: bool
    problem: str | None = Field(description="What is wrong with the capture, and what follows.")
    captured_columns: list[str]
    log_bytes: int
    log_generations: int
    readers: list[str]
    backlog_rows: int = Field(description="Of the slowest reader.")
    backlog: list[Backlog]
    since: datetime | None
