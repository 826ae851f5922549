"""What a dynamic table holds: where, as of when, and computed from what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a table that found nothing to do; ``snapshot``: of the look, which only who looked knows."""

    at: datetime
    snapshot: str | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What contents were computed from: what the definition read, and what it called, as they were then."""

    fingerprint: dict[str, Any]
    code: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of a table, under the names of the columns of the catalog.

    ``generation`` and ``layout``: of the storage. ``basis``: what they were computed from. ``frontier``: the snapshot
    up to which changes are in them, ``consumed``: the change versions of dynamic tables, by their ids.
    ``change_version``: counts the changes of the contents. ``reinitialize_reason``: why the next refresh computes them
    anew. ``system_identifier``: the server and database that they are in. ``frozen``: what is known of the frozen rows,
    ``quarantine``: of those that are kept back. ``look``: the last one, if it was after ``data_timestamp``.
    """

    generation: int
    layout: str | None
    basis: Basis
    frontier: str | None
    consumed: dict[str, int]
    change_version: int
    data_timestamp: datetime | None
    reinitialize_reason: str | None
    system_identifier: str | None
    frozen: dict[str, Any]
    quarantine: dict[str, Any]
    look: Look | None = None

    @property
    def fingerprint(self) -> dict[str, Any]:
        """How what the definition reads was."""
        return self.basis.fingerprint

    @property
    def code(self) -> dict[str, str] | None:
        """How what the definition calls was; None if nobody has looked."""
        return self.basis.code

    @property
    def fresh_at(self) -> datetime | None:
        """The last instant as of which the contents are known to be those of the definition."""
        return self.look.at if self.look is not None else self.data_timestamp

    @property
    def log_frontier(self) -> str:
        """A snapshot after which the logs hold whatever this table has not consumed; empty without contents.

        What a look did not find in the logs after the frontier was not written before the look.
        """
        looked_from = self.look.snapshot if self.look is not None else None
        return looked_from or self.frontier or ""

    def advanced(self, snapshot: str, at: datetime) -> Contents:
        """Return the same contents as of a later snapshot and instant."""
        return replace(self, frontier=snapshot, data_timestamp=at, look=None)
