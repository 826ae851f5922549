"""What keeps an alert from being told: silences, maintenance, mute timings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from dyntables.alerts.noise.matching import Matcher, all_match


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts with such labels are not told from ``starts_at`` until ``ends_at``; maintenance is one of a table."""

    id: int
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    author: str
    reason: str

    def holds(self, labels: Mapping[str, str], now: datetime) -> bool:
        """Tell whether it silences such an alert now. One without matchers silences nothing."""
        return self.starts_at <= now < self.ends_at and bool(self.matchers) and all_match(self.matchers, labels)


@dataclass(frozen=True, slots=True)
class MuteTiming:
    """Hours of the week: on ``weekdays`` (0 is Monday; all if empty) from ``begins`` until ``ends``, in a time zone.

    If it ends at or before it begins, it goes on into the next day.
    """

    name: str
    begins: time
    ends: time
    weekdays: frozenset[int] = frozenset()
    zone: str = "UTC"

    def holds(self, now: datetime) -> bool:
        """Tell whether it is such an hour now."""
        local = now.astimezone(ZoneInfo(self.zone))
        at, today = local.time(), local.weekday()
        if self.begins < self.ends:
            return self._on(today) and self.begins <= at < self.ends
        return (self._on(today) and at >= self.begins) or (self._on((today - 1) % 7) and at < self.ends)

    def _on(self, weekday: int) -> bool:
        return not self.weekdays or weekday in self.weekdays


def silenced_by(silences: Iterable[Silence], labels: Mapping[str, str], now: datetime) -> Silence | None:
    """Return the silence that ends last of those that hold for an alert."""
    return max((s for s in silences if s.holds(labels, now)), key=lambda s: s.ends_at, default=None)
