"""Measure: a figure that SQL answers, such as the revenue of today, is beyond a bound."""

from __future__ import annotations

from dyntables.alerts.condition import QueryCondition
from dyntables.alerts.model import Direction, Threshold
from dyntables.alerts.seen import Answer, Reading


def _measure(answer: Answer) -> Reading | None:
    if answer.value is None:
        return None
    return Reading(answer.value, f"the figure is {answer.value:g}")


CONDITION = QueryCondition(
    kind="measure",
    summary="The figure that a query answers is below the threshold, or above it.",
    unit="the figure's own",
    threshold=Threshold(0.0, direction=Direction.BELOW),
    measure=_measure,
)
