"""Row volume: the table has many more or fewer rows than it used to have."""

from __future__ import annotations

from datetime import datetime

from dyntables.alerts.condition import Need, TableCondition
from dyntables.alerts.model import Threshold
from dyntables.alerts.seen import Reading, Seen


def _measure(seen: Seen, now: datetime) -> Reading | None:
    rows, usual = seen.figures.rows, seen.figures.usual_rows
    if rows is None or usual is None:
        return None
    change = abs(rows - usual) / max(usual, 1.0) * 100
    return Reading(change, f"about {rows:.0f} rows; before there were {usual:.0f}")


CONDITION = TableCondition(
    kind="row_volume",
    summary="The number of rows differs from that before by more per cent than the threshold.",
    unit="%",
    threshold=Threshold(50.0),
    measure=_measure,
    needs=frozenset({Need.SIZE}),
)
