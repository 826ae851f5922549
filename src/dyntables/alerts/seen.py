"""What is known of a table at one look: plain values, from which conditions take their measure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LastRefresh:
    """How the newest refresh of a table ended; ``message`` quotes no values of rows."""

    state: str
    action: str | None = None
    reason: str | None = None
    duration_ms: float = 0.0
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What is asked of the database for the tables whose rules need it; None is not known.

    ``usual_ms``: the 95th percentile of the durations of refreshes before the last. ``rows``: in the table now, as the
    server estimates, and ``usual_rows`` in the past. ``log_ratio``: what logs keep for it, of what they may.
    ``broken``: sources whose capture is not as it was installed. ``quality_failed``: how many quality rules fail, and
    ``failing``: the names of some.
    """

    usual_ms: float | None = None
    rows: float | None = None
    usual_rows: float | None = None
    log_ratio: float | None = None
    broken: tuple[str, ...] = ()
    quality_failed: int | None = None
    failing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule's SQL answered: a figure or a number of rows, or ``error``."""

    value: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A table at one look; ``suspended``: why, in the catalog's word, or None."""

    table_id: int
    name: str
    fresh_at: datetime | None
    target_seconds: float | None
    failures: int = 0
    suspended: str | None = None
    incremental: bool = True
    last: LastRefresh | None = None
    figures: Figures = Figures()


@dataclass(frozen=True, slots=True)
class Installation:
    """The installation at one look; ``leaderless_seconds``: for how long nobody leads."""

    leaderless_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a condition measures, and what it says of it in a sentence."""

    value: float
    text: str
