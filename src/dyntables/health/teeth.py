"""The lag as a saw-tooth: it grows with time and falls when a refresh ends. Pure functions over its teeth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tooth:
    """The lag grew evenly from ``low`` to ``high`` seconds."""

    low: float
    high: float

    @property
    def seconds(self) -> float:
        """How long it grew; a second a second."""
        return self.high - self.low


def share_within(teeth: Sequence[Tooth], target: float) -> float | None:
    """Return in which share of all instants the lag was at most ``target``."""
    total = sum(t.seconds for t in teeth)
    if total <= 0:
        return None
    return sum(min(max(target - t.low, 0.0), t.seconds) for t in teeth) / total


def percentile(teeth: Sequence[Tooth], share: float) -> float | None:
    """Return the lag that was not exceeded in a share of all instants."""
    if not teeth:
        return None
    low, high = min(t.low for t in teeth), max(t.high for t in teeth)
    for _ in range(50):
        middle = (low + high) / 2
        if (share_within(teeth, middle) or 0.0) < share:
            low = middle
        else:
            high = middle
    return high
