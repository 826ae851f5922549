"""Slow refresh: the last one took much longer than they usually do."""

from __future__ import annotations

from datetime import datetime

from dyntables.alerts.condition import Need, TableCondition
from dyntables.alerts.model import Threshold
from dyntables.alerts.seen import Reading, Seen
from dyntables.alerts.words import span

# Below this nobody waits, and a moment of the machine is many times as long as usual.
_LEAST_MS = 100.0


def _measure(seen: Seen, now: datetime) -> Reading | None:
    usual = seen.figures.usual_ms
    if seen.last is None or usual is None or seen.last.state != "SUCCEEDED":
        return None
    took = seen.last.duration_ms
    text = f"its last refresh took {span(took / 1000)}; 95 of 100 take less than {span(usual / 1000)}"
    return Reading(took / max(usual, _LEAST_MS), text)


CONDITION = TableCondition(
    kind="slow_refresh",
    summary="The last refresh took longer than the 95th percentile, times the threshold.",
    unit="× 95th percentile",
    threshold=Threshold(3.0),
    measure=_measure,
    needs=frozenset({Need.HISTORY}),
)
