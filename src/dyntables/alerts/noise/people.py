"""Flapping, acknowledging, escalation: what people are spared, and who is told when nobody comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_LEVELS = 3
ACKNOWLEDGED_FOR = timedelta(hours=24)
"""An acknowledgement holds so long; what still fires then is repeated and escalated again."""


@dataclass(frozen=True, slots=True)
class Flap:
    """An alert flaps after so many changes between firing and resolved in a window, until it has had ``calm`` only.

    While it flaps, channels are told that it fires, and not of each change: it is resolved when it is calm.
    """

    changes: int = 6
    calm: int = 2
    window: timedelta = timedelta(hours=1)

    def recent(self, changed_at: Sequence[datetime], now: datetime) -> tuple[datetime, ...]:
        """Return the changes that count."""
        return tuple(sorted(at for at in changed_at if now - self.window < at <= now))

    def flaps(self, changed_at: Sequence[datetime], now: datetime, *, before: bool) -> bool:
        """Tell whether it flaps now; ``before``: whether it did at the last look."""
        recent = len(self.recent(changed_at, now))
        return recent > self.calm if before else recent >= self.changes

    def calm_at(self, changed_at: Sequence[datetime], now: datetime) -> datetime:
        """Return when one that flaps is calm if nothing more happens."""
        recent = self.recent(changed_at, now)
        return recent[-self.calm - 1] + self.window if len(recent) > self.calm else now


@dataclass(frozen=True, slots=True)
class Level:
    """Who is told if nobody has acknowledged an alert for that long, after the level before."""

    channel: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class Escalation:
    """At most three levels, in order. A channel of it is repeated and told of the end like any other."""

    levels: tuple[Level, ...] = ()

    def __post_init__(self) -> None:
        if len(self.levels) > MOST_LEVELS:
            raise ValueError(f"an escalation has at most {MOST_LEVELS} levels")

    def due(self, fires_since: datetime, now: datetime) -> tuple[str, ...]:
        """Return the channels that are to be told by now, in order, of an alert that nobody acknowledged."""
        return tuple(level.channel for level, at in self._instants(fires_since) if at <= now)

    def next_at(self, fires_since: datetime, now: datetime) -> datetime | None:
        """Return when the next level is due; None after the last."""
        return next((at for _, at in self._instants(fires_since) if at > now), None)

    def _instants(self, fires_since: datetime) -> list[tuple[Level, datetime]]:
        at, found = fires_since, []
        for level in self.levels:
            at += level.after
            found.append((level, at))
        return found


def holds(acknowledged_at: datetime | None, now: datetime) -> bool:
    """Tell whether an acknowledgement still counts."""
    return acknowledged_at is not None and now < acknowledged_at + ACKNOWLEDGED_FOR
