"""Refresh failed: so many in a row, for the table's own reasons."""

from __future__ import annotations

from datetime import datetime

from dyntables.alerts.condition import TableCondition
from dyntables.alerts.model import Severity, Threshold
from dyntables.alerts.seen import Reading, Seen


def _measure(seen: Seen, now: datetime) -> Reading | None:
    message = seen.last.message if seen.last is not None and seen.last.state == "FAILED" else None
    times = "time" if seen.failures == 1 else "times"
    why = f": {message}" if message else ""
    return Reading(float(seen.failures), f"its refresh failed {seen.failures} {times} in a row{why}")


CONDITION = TableCondition(
    kind="refresh_failed",
    summary="More refreshes in a row have failed than the threshold says.",
    unit="failures in a row",
    threshold=Threshold(0.0),
    measure=_measure,
    severity=Severity.ERROR,
)
