"""Flapping and escalation: what people are spared, and who is told when nobody comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_LEVELS = 3


@dataclass(frozen=True, slots=True)
class Flap:
    """An alert flaps after so many changes between firing and resolved in a window, until it has had ``calm`` only."""

    changes: int = 6
    calm: int = 2
    window: timedelta = timedelta(hours=1)

    def flaps(self, changed_at: Sequence[datetime], now: datetime, *, before: bool) -> bool:
        """Tell whether it flaps now; ``before``: whether it did at the last look."""
        recent = sum(1 for at in changed_at if now - self.window < at <= now)
        return recent > self.calm if before else recent >= self.changes


@dataclass(frozen=True, slots=True)
class Level:
    """Who is told if nobody has acknowledged an alert for that long."""

    channel: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class Escalation:
    """At most three levels, in order; the last is told ``repeats`` times more, at its own distance."""

    levels: tuple[Level, ...] = ()
    repeats: int = 0

    def __post_init__(self) -> None:
        if len(self.levels) > MOST_LEVELS:
            raise ValueError(f"an escalation has at most {MOST_LEVELS} levels")

    def due(self, fires_since: datetime, now: datetime) -> tuple[str, ...]:
        """Return the channels that should have been told by now, in order, of an alert that nobody acknowledged.

        Whoever tells them keeps how many were told, and tells the rest.
        """
        steps = [*self.levels, *(self.levels[-1:] * self.repeats)]
        at, found = fires_since, []
        for level in steps:
            at += level.after
            if now < at:
                break
            found.append(level.channel)
        return tuple(found)
