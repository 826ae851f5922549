"""Log growth: the table owes its sources' change logs nearly as much as they may keep."""

from __future__ import annotations

from datetime import datetime

from dyntables.alerts.condition import Need, TableCondition
from dyntables.alerts.model import Threshold
from dyntables.alerts.seen import Reading, Seen


def _measure(seen: Seen, now: datetime) -> Reading | None:
    ratio = seen.figures.log_ratio
    if ratio is None:
        return None
    return Reading(ratio, f"the change logs keep {ratio:.0%} of what they may for it; then it is computed anew")


CONDITION = TableCondition(
    kind="log_growth",
    summary="What change logs keep for the table is more than this part of what they may.",
    unit="of the limit",
    threshold=Threshold(0.5),
    measure=_measure,
    needs=frozenset({Need.LOGS}),
)
