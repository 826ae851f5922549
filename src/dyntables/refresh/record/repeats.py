"""Refreshes that find nothing, or are skipped, again and again: one row of the history for a run of them.

A row is that of the last of them, with their number. A run is at most an hour long, and in it everything was in time:
what came late has a row of its own, so that the history tells every lateness.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dyntables.catalog import Connection
from dyntables.catalog.model import RefreshReason, RefreshState
from dyntables.catalog.past import history
from dyntables.health.lag import is_late

LONGEST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Repeat:
    """One refresh of a table that found nothing or was skipped, or ``count`` of them of which this was the last.

    ``previous``: as of when the contents were before; ``longest_lag``: of their ends, in seconds; None if that is the
    lag at the end of this one.
    """

    table_id: int
    state: RefreshState
    reason: RefreshReason
    began_at: datetime
    ended_at: datetime
    previous: datetime | None
    target_lag_seconds: int | None
    data_timestamp: datetime | None = None
    run: uuid.UUID | None = None
    count: int = 1
    first_ended_at: datetime | None = None
    longest_lag: float | None = None

    @property
    def lag(self) -> float:
        """The longest lag at the end of one of them, in seconds."""
        if self.longest_lag is not None:
            return self.longest_lag
        return (self.ended_at - self.previous).total_seconds() if self.previous is not None else 0.0

    @property
    def late(self) -> bool:
        """Whether the contents were older than the target lag when it ended."""
        return is_late(self.lag, self.target_lag_seconds)

    def after(self, other: Repeat) -> Repeat:
        """Return this one with those that were before it."""
        first = other.first_ended_at or other.ended_at
        return replace(self, count=self.count + other.count, first_ended_at=first, longest_lag=max(self.lag, other.lag))


def write_repeats(connection: Connection, repeats: Iterable[Repeat]) -> None:
    """Add to the last row of each table if that is of the same kind, or else a row; at most one for each table."""
    rows = [
        {
            "id": r.table_id, "run": str(r.run or uuid.uuid4()), "state": r.state, "reason": r.reason, "count": r.count,
            "first": (r.first_ended_at or r.ended_at).isoformat(), "began": r.began_at.isoformat(),
            "ended": r.ended_at.isoformat(), "previous": r.previous and r.previous.isoformat(), "lag": r.lag,
            "data": r.data_timestamp and r.data_timestamp.isoformat(), "target": r.target_lag_seconds,
            "apart": r.late and r.state is not RefreshState.SKIPPED,
        }
        for r in repeats
    ]  # fmt: skip
    if rows:
        history.add_repeated(connection, rows, LONGEST)
