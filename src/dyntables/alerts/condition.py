"""What a condition is: a measure, when it is bad, and what it needs to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dyntables.alerts.model import Severity, Threshold
from dyntables.alerts.seen import Answer, Installation, Reading, Seen


class Need(StrEnum):
    """What has to be asked of the database before the measure can be taken."""

    HISTORY = "history"
    SIZE = "size"
    LOGS = "logs"
    CAPTURE = "capture"
    QUALITY = "quality"


@dataclass(frozen=True, slots=True)
class TableCondition:
    """A measure of each table that a rule selects.

    ``measure``: None is that there is nothing to be measured. ``crosses``: when the measure reaches a threshold if
    nothing happens before; without it the measure moves only when something happens.
    """

    kind: str
    summary: str
    unit: str
    threshold: Threshold
    measure: Callable[[Seen, datetime], Reading | None]
    severity: Severity = Severity.WARNING
    needs: frozenset[Need] = frozenset()
    crosses: Callable[[Seen, float], datetime | None] | None = None


@dataclass(frozen=True, slots=True)
class InstallationCondition:
    """A measure of the installation."""

    kind: str
    summary: str
    unit: str
    threshold: Threshold
    measure: Callable[[Installation], Reading]
    severity: Severity = Severity.CRITICAL


@dataclass(frozen=True, slots=True)
class QueryCondition:
    """A measure that SQL answers; ``counts``: how many rows it has, rather than the figure in its one row."""

    kind: str
    summary: str
    unit: str
    threshold: Threshold
    measure: Callable[[Answer], Reading | None]
    severity: Severity = Severity.WARNING
    counts: bool = False


Condition = TableCondition | InstallationCondition | QueryCondition
