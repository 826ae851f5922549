"""The score of a table, judged purely of what checks of its rules found.

A rule scores by the share of the rows that it checked, a dimension by its rules, weighted by their severity, and a
table by its dimensions. Rules count and not rows, or ten million good rows would hide one broken key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dyntables.compiler.statements import Severity, Tolerance

WEIGHTS = {Severity.INFO: 1, Severity.WARNING: 2, Severity.ERROR: 5, Severity.CRITICAL: 10}
# A table in which a rule of that severity fails scores no more.
CAPS = {Severity.ERROR: 79.0, Severity.CRITICAL: 49.0}
HEALTHY_FROM, WARNING_FROM = 95.0, 80.0


class RuleState(StrEnum):
    """What a check of a rule came to."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    ERROR = "ERROR"
    NOT_EVALUATED = "NOT_EVALUATED"


class TableQuality(StrEnum):
    """The health of a table as far as its rules say."""

    HEALTHY = "HEALTHY"
    WARNING = "WARNING"
    ERROR = "ERROR"
    UNKNOWN = "UNKNOWN"


_WRONG = (RuleState.FAILED, RuleState.ERROR)


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule that was checked; ``score`` is from 0 to 1, None if it was not evaluated."""

    dimension: str
    severity: Severity
    state: RuleState
    score: float | None


@dataclass(frozen=True, slots=True)
class TableScore:
    """The score of a table and of its dimensions, 0 to 100; None: nothing was evaluated.

    ``failing``: how many rules failed, or could not be checked.
    """

    score: float | None
    health: TableQuality
    dimensions: dict[str, float]
    evaluated: int
    active: int
    failing: int = 0


def state_of(checked: int, failed: int, tolerance: Tolerance) -> RuleState:
    """Tell whether a rule holds: no more rows failed than it tolerates. Of no rows nothing is known."""
    if checked <= 0:
        return RuleState.NOT_EVALUATED
    over = failed * 100 > tolerance.amount * checked if tolerance.percent else failed > tolerance.amount
    return RuleState.FAILED if over else RuleState.PASSED


def score_of(checked: int, failed: int, tolerance: Tolerance) -> float | None:
    """Return the score of a rule from 0 to 1: 1 within the tolerance, 0 if all rows fail; None of no rows."""
    if checked <= 0:
        return None
    if state_of(checked, failed, tolerance) is RuleState.PASSED:
        return 1.0
    tolerated = min(1.0, tolerance.amount / 100 if tolerance.percent else tolerance.amount / checked)
    return max(0.0, 1 - (failed / checked - tolerated) / (1 - tolerated)) if tolerated < 1 else 0.0


def score_table(rules: Iterable[Judged]) -> TableScore:
    """Return the score of a table from its active rules."""
    active = list(rules)
    known = [(rule, rule.score) for rule in active if rule.score is not None]
    wrong = sum(rule.state in _WRONG for rule in active)
    if not known:
        return TableScore(None, TableQuality.UNKNOWN, {}, 0, len(active), wrong)
    dimensions = {}
    for name in sorted({rule.dimension for rule, _ in known}):
        own = [(WEIGHTS[rule.severity], score) for rule, score in known if rule.dimension == name]
        dimensions[name] = 100 * sum(weight * score for weight, score in own) / sum(weight for weight, _ in own)
    failing = {rule.severity for rule in active if rule.state is RuleState.FAILED}
    mean = sum(dimensions.values()) / len(dimensions)
    score = min([mean, *(cap for severity, cap in CAPS.items() if severity in failing)])
    return TableScore(score, _health(score, failing, active), dimensions, len(known), len(active), wrong)


def _health(score: float, failing: set[Severity], active: list[Judged]) -> TableQuality:
    """Judge a score; a rule that could not be checked never counts as one that holds."""
    broken = any(rule.state is RuleState.ERROR for rule in active)
    if score >= HEALTHY_FROM and not failing & set(CAPS) and not broken:
        return TableQuality.HEALTHY
    return TableQuality.WARNING if score >= WARNING_FROM else TableQuality.ERROR
