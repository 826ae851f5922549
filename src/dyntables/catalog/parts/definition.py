"""The definition of a dynamic table: what its owner said, and how the server reads it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dyntables.catalog.options import TableOptions
from dyntables.catalog.region import Region
from dyntables.compiler.statements import Initialize, RefreshMode


class EffectiveMode(StrEnum):
    """How a table is refreshed: from the changes of what it reads, or by computing everything again."""

    INCREMENTAL = "INCREMENTAL"
    FULL = "FULL"


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition, under the names of the columns of the catalog.

    ``query``: as it was written, ``canonical``: as the server writes it. ``settings``: those of the server that it is
    read and computed under, without search path and time zone. ``mode_reasons``: why it is refreshed in full.
    ``version``: counts the definitions that the table has had, from 1. ``stamp``: which text was read for the names in
    it, and with what result (``refresh.sources.naming``).
    """

    query: str
    canonical: str
    search_path: str
    time_zone: str
    settings: dict[str, str]
    refresh_mode: RefreshMode
    effective_mode: EffectiveMode
    mode_reasons: list[dict[str, Any]]
    initialize: Initialize
    options: TableOptions
    version: int = 1
    stamp: str | None = None

    @property
    def incremental(self) -> bool:
        """Whether changes are followed rather than everything computed again."""
        return self.effective_mode is EffectiveMode.INCREMENTAL

    @property
    def all_settings(self) -> dict[str, str]:
        """The settings, with the time zone."""
        return {**self.settings, "TimeZone": self.time_zone}

    @property
    def region(self) -> Region | None:
        """The frozen region that the owner asked for."""
        return self.options.frozen
