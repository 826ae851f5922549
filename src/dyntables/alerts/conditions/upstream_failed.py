"""Upstream failed: the table is not refreshed because what it reads failed."""

from __future__ import annotations

from datetime import datetime

from dyntables.alerts.condition import TableCondition
from dyntables.alerts.model import Threshold
from dyntables.alerts.seen import Reading, Seen


def _measure(seen: Seen, now: datetime) -> Reading | None:
    if seen.last is None:
        return None
    failed = seen.last.state == "UPSTREAM_FAILED"
    return Reading(float(failed), "a table that it reads could not be refreshed" if failed else "what it reads is well")


CONDITION = TableCondition(
    kind="upstream_failed",
    summary="The last refresh was not tried, as a table that it reads failed.",
    unit="0 or 1",
    threshold=Threshold(0.0),
    measure=_measure,
)
