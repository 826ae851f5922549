"""Suspended: the scheduler does not refresh the table any more, because of errors."""

from __future__ import annotations

from datetime import datetime

from dyntables.alerts.condition import TableCondition
from dyntables.alerts.model import Severity, Threshold
from dyntables.alerts.seen import Reading, Seen

# What a person has suspended is as that person wants it.
_BY_ERRORS = ("SUSPENDED_DUE_TO_ERRORS", "UPSTREAM_SUSPENDED_DUE_TO_ERRORS")


def _measure(seen: Seen, now: datetime) -> Reading | None:
    suspended = seen.suspended in _BY_ERRORS
    why = (seen.suspended or "").lower().replace("_", " ")
    return Reading(float(suspended), f"it is suspended ({why})" if suspended else "it is not suspended for errors")


CONDITION = TableCondition(
    kind="suspended",
    summary="The table is suspended because of errors, its own or of what it reads.",
    unit="0 or 1",
    threshold=Threshold(0.0),
    measure=_measure,
    severity=Severity.CRITICAL,
)
