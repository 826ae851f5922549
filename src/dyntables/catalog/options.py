"""The options of a dynamic table that the catalog keeps as one document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from dyntables.catalog.region import Region

SUSPEND_AFTER = 5
RETENTION_DAYS = 1
POSTGRESQL = "POSTGRESQL"


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What was said of a table beside its definition; None is that nothing was said.

    ``ignored``: options without effect, as metadata. ``limits``: of its refreshes, by the names of the options.
    ``schedule``: a cron expression, with its time zone if one was given. ``suspend_after``: failures in a row, 0 is
    never. ``retention_days``: for UNDROP, 0 is not at all. ``frozen``: the region that the owner asked for.
    ``uses_clock``: whether the contents change by themselves, which is of the definition. ``dialect``: of the text.
    ``more``: what a later version has written.
    """

    cluster_by: tuple[str, ...] = ()
    transient: bool = False
    uses_clock: bool = False
    ignored: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    schedule: str | None = None
    suspend_after: int | None = None
    retention_days: int | None = None
    frozen: Region | None = None
    trust_stable_functions: bool = False
    dialect: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, document: Mapping[str, Any]) -> TableOptions:
        """Return the options of a document."""
        names = {f.name for f in fields(cls)} - {"more"}
        known = {name: value for name, value in document.items() if name in names and value is not None}
        if "frozen" in known:
            known["frozen"] = Region(**known["frozen"])
        if "cluster_by" in known:
            known["cluster_by"] = tuple(known["cluster_by"])
        return cls(**known, more={name: value for name, value in document.items() if name not in names})

    def document(self) -> dict[str, Any]:
        """Return them as the catalog stores them: what nothing was said of is left out."""
        optional = {
            "schedule": self.schedule,
            "suspend_after": self.suspend_after,
            "retention_days": self.retention_days,
            "frozen": self.frozen.document() if self.frozen is not None else None,
            "trust_stable_functions": self.trust_stable_functions or None,
            "dialect": self.dialect,
        }
        return {
            "cluster_by": list(self.cluster_by),
            "transient": self.transient,
            "uses_clock": self.uses_clock,
            "ignored": dict(self.ignored),
            "limits": dict(self.limits),
            **{name: value for name, value in optional.items() if value is not None},
            **self.more,
        }
