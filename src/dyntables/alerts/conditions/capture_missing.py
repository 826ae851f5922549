"""Capture missing: changes of a source are not captured as they should be."""

from __future__ import annotations

from datetime import datetime

from dyntables.alerts.condition import Need, TableCondition
from dyntables.alerts.model import Severity, Threshold
from dyntables.alerts.seen import Reading, Seen


def _measure(seen: Seen, now: datetime) -> Reading | None:
    broken = seen.figures.broken
    text = f"changes of {', '.join(broken)} are not captured" if broken else "what it reads is captured"
    return Reading(float(len(broken)), text)


CONDITION = TableCondition(
    kind="capture_missing",
    summary="The capture of a source that the table reads is not as it was installed.",
    unit="sources",
    threshold=Threshold(0.0),
    measure=_measure,
    severity=Severity.CRITICAL,
    needs=frozenset({Need.CAPTURE}),
)
