"""Quality: rules of data quality fail."""

from __future__ import annotations

from datetime import datetime

from dyntables.alerts.condition import Need, TableCondition
from dyntables.alerts.model import Severity, Threshold
from dyntables.alerts.seen import Reading, Seen


def _measure(seen: Seen, now: datetime) -> Reading | None:
    failed = seen.figures.quality_failed
    if failed is None:
        return None
    names = f": {', '.join(seen.figures.failing)}" if seen.figures.failing else ""
    return Reading(float(failed), f"{failed} of its quality rules, or of those of its sources, fail{names}")


CONDITION = TableCondition(
    kind="quality",
    summary="More quality rules of the table fail than the threshold says.",
    unit="rules",
    threshold=Threshold(0.0),
    measure=_measure,
    severity=Severity.ERROR,
    needs=frozenset({Need.QUALITY}),
)
