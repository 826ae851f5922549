"""The score of rules and tables: its laws over random findings, and examples of each."""

from __future__ import annotations

import random

import pytest

from dyntables.compiler.statements import Severity, Tolerance
from dyntables.health.quality import Judged, RuleState, TableQuality, score_of, score_table, state_of


@pytest.mark.parametrize(
    ("checked", "failed", "tolerance", "state", "score"),
    [
        (0, 0, Tolerance(), RuleState.NOT_EVALUATED, None),
        (10, 0, Tolerance(), RuleState.PASSED, 1.0),
        (10, 1, Tolerance(), RuleState.FAILED, 0.9),
        (10, 10, Tolerance(), RuleState.FAILED, 0.0),
        (10, 1, Tolerance(1), RuleState.PASSED, 1.0),
        (10, 2, Tolerance(1), RuleState.FAILED, 1 - 0.1 / 0.9),
        (10, 1, Tolerance(10, percent=True), RuleState.PASSED, 1.0),
        (10, 2, Tolerance(10, percent=True), RuleState.FAILED, 1 - 0.1 / 0.9),
        (10, 10, Tolerance(99, percent=True), RuleState.FAILED, 0.0),
        (10, 10, Tolerance(100, percent=True), RuleState.PASSED, 1.0),
    ],
)
def test_a_rule(checked: int, failed: int, tolerance: Tolerance, state: RuleState, score: float | None) -> None:
    assert state_of(checked, failed, tolerance) is state
    assert score_of(checked, failed, tolerance) == (None if score is None else pytest.approx(score))


def test_laws_of_a_rule() -> None:
    """More failures never score more, more tolerance never less, and only what holds scores 1."""
    rng = random.Random(5)
    for _ in range(2000):
        checked = rng.randint(1, 50)
        failed = rng.randint(0, checked)
        percent = rng.random() < 0.5
        amount = rng.choice([0, rng.randint(0, 100 if percent else 60)])
        tolerance = Tolerance(amount, percent)
        score = score_of(checked, failed, tolerance)
        assert score is not None
        assert 0 <= score <= 1
        assert (score == 1) is (state_of(checked, failed, tolerance) is RuleState.PASSED)
        more = score_of(checked, min(checked, failed + 1), tolerance)
        wider = score_of(checked, failed, Tolerance(min(100, amount + 1), percent))
        assert more is not None
        assert wider is not None
        assert more <= score + 1e-12
        assert wider >= score - 1e-12


def judged(severity: Severity, score: float | None, dimension: str = "validity") -> Judged:
    state = RuleState.NOT_EVALUATED if score is None else RuleState.PASSED if score == 1 else RuleState.FAILED
    return Judged(dimension, severity, state, score)


def test_a_table() -> None:
    assert score_table([]).health is TableQuality.UNKNOWN
    assert score_table([judged(Severity.ERROR, None)]).score is None
    whole = score_table([judged(Severity.CRITICAL, 1.0), judged(Severity.ERROR, None)])
    assert (whole.score, whole.health, whole.evaluated, whole.active) == (100, TableQuality.HEALTHY, 1, 2)
    weighted = score_table([judged(Severity.WARNING, 0.7), judged(Severity.CRITICAL, 1.0)])
    assert weighted.score == pytest.approx(100 * (2 * 0.7 + 10) / 12)
    assert weighted.health is TableQuality.HEALTHY
    apart = score_table([judged(Severity.INFO, 0.5), judged(Severity.CRITICAL, 1.0, "volume")])
    assert (apart.score, apart.dimensions) == (75, {"validity": 50, "volume": 100})
    assert apart.health is TableQuality.ERROR


@pytest.mark.parametrize(("severity", "cap"), [(Severity.ERROR, 79), (Severity.CRITICAL, 49)])
def test_what_fails_caps_the_score(severity: Severity, cap: float) -> None:
    """However many rows hold: one broken key is one."""
    others = [judged(Severity.CRITICAL, 1.0) for _ in range(500)]
    capped = score_table([*others, judged(severity, 0.999999)])
    assert (capped.score, capped.health) == (cap, TableQuality.ERROR)
    uncapped = score_table([*others, judged(Severity.WARNING, 0.999999)])
    assert uncapped.score == pytest.approx(100)


def test_what_could_not_be_checked_is_never_healthy() -> None:
    broken = Judged("validity", Severity.INFO, RuleState.ERROR, None)
    assert score_table([judged(Severity.ERROR, 1.0), broken]).health is TableQuality.WARNING
