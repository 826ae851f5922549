"""Dropped dynamic tables that can be brought back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from dyntables.server.schemas.base import Schema


class Obstacle(StrEnum):
    """What has to go before a dropped table can come back."""

    NAME_TAKEN = "NAME_TAKEN"
    DROPPED_LATER = "DROPPED_LATER"
    SCHEMA_GONE = "SCHEMA_GONE"
    CONTENTS_GONE = "CONTENTS_GONE"


class DroppedTable(Schema):
    """A dropped table that is kept; ``id`` is the one that it had."""

    id: int
    schema_name: str
    name: str
    qualified_name: str = Field(examples=["analytics.nation_ltv"])
    owner: str
    comment: str | None
    dropped_at: datetime
    dropped_by: str | None = Field(description="Who dropped it, if the audit trail still knows.")
    kept_until: datetime = Field(description="From then on it cannot be brought back.")
    obstacle: Obstacle | None = Field(
        description="NAME_TAKEN: something else has the name. DROPPED_LATER: another one of that name was dropped "
        "later, and comes back first. SCHEMA_GONE, CONTENTS_GONE: they were dropped. Null: nothing that is known of."
    )
