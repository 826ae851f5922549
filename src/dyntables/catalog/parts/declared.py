"""What the owner of a dynamic table has said of it: what a statement sets, and what of a table can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dyntables.catalog.model import DynamicTable
from dyntables.catalog.parts.definition import Definition


@dataclass(frozen=True, slots=True)
class Declared:
    """The target state of a table; ``target_lag_seconds`` None is DOWNSTREAM."""

    definition: Definition
    target_lag_seconds: int | None
    scheduled: bool
    comment: str | None

    @classmethod
    def of(cls, table: DynamicTable) -> Declared:
        """Return what was said of a table that exists."""
        schedule = table.schedule
        return cls(table.definition, schedule.target_lag_seconds, schedule.scheduled, table.comment)

    def columns(self) -> dict[str, Any]:
        """Return the values by the columns of the catalog, the version of the definition apart."""
        definition = self.definition
        return {
            "query": definition.query,
            "canonical": definition.canonical,
            "search_path": definition.search_path,
            "time_zone": definition.time_zone,
            "settings": definition.settings,
            "target_lag_seconds": self.target_lag_seconds,
            "refresh_mode": definition.refresh_mode,
            "effective_mode": definition.effective_mode,
            "mode_reasons": definition.mode_reasons,
            "initialize": definition.initialize,
            "scheduled": self.scheduled,
            "options": definition.options.document(),
            "comment": self.comment,
        }
