"""What an editor completes, templates, and the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from dyntables.server.schemas.base import Schema
from dyntables.server.schemas.tables import TableColumn


class CompletionTable(Schema):
    """A relation that may be named."""

    name: str
    kind: str = Field(examples=["TABLE", "VIEW", "DYNAMIC_TABLE"])
    comment: str | None
    columns: list[TableColumn]


class CompletionSchema(Schema):
    """A schema with its relations."""

    name: str
    tables: list[CompletionTable]


class ForeignKey(Schema):
    """Columns of a table that refer to those of another, pair by pair."""

    schema_name: str
    name: str
    columns: list[str]
    references_schema: str
    references: str
    referenced_columns: list[str]


class Completions(Schema):
    """Names for an editor."""

    search_path: list[str]
    schemas: list[CompletionSchema]
    functions: list[str]
    foreign_keys: list[ForeignKey] = Field(description="Between the relations that are listed.")
    options: dict[str, list[str]] = Field(description="Options of CREATE DYNAMIC TABLE with values to offer.")
    truncated: bool


class Template(Schema):
    """A statement to begin with."""

    id: str = Field(examples=["orders-by-day"])
    title: str
    category: str = Field(examples=["Pipelines of the demonstration", "Patterns"])
    description: str
    sql: str


class AuditEntry(Schema):
    """Who did what."""

    id: int
    happened_at: datetime
    who: str
    acted_as: str = Field(description="The role whose rights were used.")
    action: str = Field(examples=["CREATE"])
    object: str
    detail: dict[str, Any]
    statement: str | None = Field(description="As it was given; null for what the service did by itself.")
