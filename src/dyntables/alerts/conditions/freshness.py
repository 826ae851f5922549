"""Freshness: the contents are older than the target lag allows."""

from __future__ import annotations

from datetime import datetime, timedelta

from dyntables.alerts.condition import TableCondition
from dyntables.alerts.model import Severity, Threshold
from dyntables.alerts.seen import Reading, Seen
from dyntables.alerts.words import span


def _measure(seen: Seen, now: datetime) -> Reading | None:
    if seen.fresh_at is None or not seen.target_seconds:
        return None
    lag = max(0.0, (now - seen.fresh_at).total_seconds())
    return Reading(lag / seen.target_seconds, f"{span(lag)} old; its target lag is {span(seen.target_seconds)}")


def _crosses(seen: Seen, threshold: float) -> datetime | None:
    if seen.fresh_at is None or not seen.target_seconds:
        return None
    return seen.fresh_at + timedelta(seconds=threshold * seen.target_seconds)


CONDITION = TableCondition(
    kind="freshness",
    summary="The contents are older than the target lag, times the threshold.",
    unit="× target lag",
    threshold=Threshold(1.0),
    measure=_measure,
    severity=Severity.ERROR,
    crosses=_crosses,
)
