"""One look of one rule at one subject: what its condition measures, as a verdict with figure and sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dyntables.alerts.condition import InstallationCondition, QueryCondition, TableCondition
from dyntables.alerts.machine import Stepped, next_look, step
from dyntables.alerts.model import Rule, Standing, State, Threshold, Verdict
from dyntables.alerts.registry import condition_of
from dyntables.alerts.seen import Answer, Installation, Reading, Seen

Subject = Seen | Installation | Answer


@dataclass(frozen=True, slots=True)
class Looked:
    """Where an alert stands after a look, and when to look again if nothing happens before."""

    stepped: Stepped
    again_at: datetime | None


def look(rule: Rule, subject: Subject, standing: Standing, now: datetime) -> Looked:
    """Take the measure of a subject, and one step of the state machine."""
    threshold = threshold_of(rule)
    verdict, reading = _judge(rule, subject, threshold, now, firing=standing.state is State.FIRING)
    stepped = step(standing, verdict, now, rule.timing)
    if reading is not None:
        stepped = replace(stepped, standing=replace(stepped.standing, value=reading.value, text=reading.text))
    elif isinstance(subject, Answer) and subject.error is not None:
        stepped = replace(stepped, standing=replace(stepped.standing, text=f"its query failed: {subject.error}"))
    waits = [next_look(stepped.standing, rule.timing), _crossing(rule, subject, threshold, now)]
    return Looked(stepped, min((at for at in waits if at is not None), default=None))


def threshold_of(rule: Rule) -> Threshold:
    """Return when a rule's measure is bad."""
    return rule.threshold or condition_of(rule.kind).threshold


def _judge(
    rule: Rule, subject: Subject, threshold: Threshold, now: datetime, *, firing: bool
) -> tuple[Verdict, Reading | None]:
    if isinstance(subject, Answer) and subject.error is not None:
        return Verdict.ERROR, None
    reading = _measure(rule, subject, now)
    if reading is None:
        return Verdict.NO_DATA, None
    return threshold.verdict(reading.value, firing=firing), reading


def _measure(rule: Rule, subject: Subject, now: datetime) -> Reading | None:
    match condition_of(rule.kind), subject:
        case TableCondition() as condition, Seen():
            return condition.measure(subject, now)
        case InstallationCondition() as condition, Installation():
            return condition.measure(subject)
        case QueryCondition() as condition, Answer():
            return condition.measure(subject)
    raise TypeError(f"a rule of the kind {rule.kind} does not look at {type(subject).__name__}")


def _crossing(rule: Rule, subject: Subject, threshold: Threshold, now: datetime) -> datetime | None:
    """Return when a measure that grows by itself will be bad; None if it is, or does not grow."""
    condition = condition_of(rule.kind)
    if not isinstance(condition, TableCondition) or condition.crosses is None or not isinstance(subject, Seen):
        return None
    at = condition.crosses(subject, threshold.fire)
    return at if at is not None and at > now else None
