"""The lag: how old contents are, and when that is too old."""

from __future__ import annotations

from datetime import datetime


def lag_at(fresh_at: datetime | None, now: datetime) -> float | None:
    """Return how many seconds ago the contents were known to be those of the definition; None if they never were."""
    return None if fresh_at is None else max(0.0, (now - fresh_at).total_seconds())


def is_late(lag: float | None, target: float | None) -> bool:
    """Tell whether contents are older than they may be; without contents, or without a target, nothing is late."""
    return lag is not None and target is not None and lag > target
