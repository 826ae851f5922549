"""Custom SQL: a query has rows that it should not have."""

from __future__ import annotations

from dyntables.alerts.condition import QueryCondition
from dyntables.alerts.model import Threshold
from dyntables.alerts.seen import Answer, Reading


def _measure(answer: Answer) -> Reading | None:
    if answer.value is None:
        return None
    return Reading(answer.value, "the query has rows" if answer.value else "the query has no rows")


CONDITION = QueryCondition(
    kind="custom_sql",
    summary="A query has rows; CREATE ALERT … IF (EXISTS (…)) makes such a rule.",
    unit="0 or 1",
    threshold=Threshold(0.0),
    measure=_measure,
    counts=True,
)
