"""Health, readiness, version and settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from dyntables.server.schemas.base import Schema
from dyntables.server.schemas.overview import Leader


class Alive(Schema):
    """The process answers."""

    status: str = Field(examples=["ok"])


class Check(Schema):
    """One thing that must be so."""

    name: str
    ok: bool
    detail: str


class Ready(Schema):
    """Whether requests can be served."""

    ready: bool
    checks: list[Check]


class Setting(Schema):
    """One setting as it is in force; secrets are hidden."""

    name: str
    value: Any
    default: Any
    description: str
    environment: str = Field(examples=["DYNTABLES_PORT"])


class System(Schema):
    """What runs here."""

    version: str
    postgresql: str
    database: str
    embedded: bool = Field(description="Whether the database is the embedded server.")
    demo_mode: bool = Field(
        description="No user exists and only this machine can connect: every request is the demo admin's."
    )
    oidc: bool
    started_at: datetime
    leader: Leader
    migration: int
    query_role: str | None = Field(description="The role of the SQL console; null if the console is for admins only.")
    settings: list[Setting] = Field(description="For admins; empty for others.")
