"""Full refresh: a table that is kept incrementally was computed anew."""

from __future__ import annotations

from datetime import datetime

from dyntables.alerts.condition import TableCondition
from dyntables.alerts.model import Severity, Threshold
from dyntables.alerts.seen import Reading, Seen


def _measure(seen: Seen, now: datetime) -> Reading | None:
    if seen.last is None or not seen.incremental:
        return None
    anew = seen.last.action in ("FULL", "REINITIALIZE") and seen.last.reason not in ("INITIAL", "CHEAPER_IN_FULL")
    why = (seen.last.reason or "").lower().replace("_", " ")
    return Reading(float(anew), f"it was computed anew ({why})" if anew else "it was refreshed from changes")


CONDITION = TableCondition(
    kind="full_refresh",
    summary="A table that is refreshed from changes was computed anew, and not because that was cheaper.",
    unit="0 or 1",
    threshold=Threshold(0.0),
    measure=_measure,
    severity=Severity.INFO,
)
