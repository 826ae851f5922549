"""What a dynamic table is, as its owner says it, in one value."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from dyntables.catalog.model import DynamicTable
from dyntables.catalog.options import TableOptions


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition with its options, under the names of the columns of the catalog.

    ``query``: as it was written, ``canonical``: as the server writes it. ``target_lag_seconds`` None is DOWNSTREAM.
    ``mode_reasons``: why it is refreshed in full.
    """

    query: str
    canonical: str
    search_path: str
    time_zone: str
    settings: dict[str, str]
    target_lag_seconds: int | None
    refresh_mode: str
    effective_mode: str
    mode_reasons: list[dict[str, Any]]
    initialize: str
    scheduled: bool
    options: TableOptions
    comment: str | None

    @classmethod
    def of(cls, table: DynamicTable) -> Definition:
        """Return the definition of a table."""
        return cls(**{field.name: getattr(table, field.name) for field in fields(cls)})

    @property
    def incremental(self) -> bool:
        """Whether changes are followed rather than everything computed again."""
        return self.effective_mode == "INCREMENTAL"

    def columns(self) -> dict[str, Any]:
        """Return the values by the columns of the catalog."""
        return {**{f.name: getattr(self, f.name) for f in fields(self)}, "options": self.options.document()}
