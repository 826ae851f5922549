"""Every condition has cases, a page and a summary in the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dyntables.alerts.evaluate import Subject, look
from dyntables.alerts.model import Rule, Standing, State
from dyntables.alerts.registry import all_conditions, condition_of
from dyntables.alerts.seen import Answer, Figures, Installation, LastRefresh, Seen
from dyntables.errors import InvalidOptionError

T = datetime(2026, 1, 1, tzinfo=UTC)
PAGES = Path(__file__).parents[2] / "docs" / "alerts"


def seen(age: float = 10, target: float | None = 60, **given: object) -> Seen:
    return Seen(1, "s.t", T - timedelta(seconds=age), target, **given)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    subject: Subject
    state: str
    text: str = ""


CASES: dict[str, list[Case]] = {
    "freshness": [
        Case(seen(59), "normal"),
        Case(seen(61), "firing", "61 s old; its target lag is 60 s"),
        Case(seen(61, None), "no_data"),
        Case(Seen(1, "s.t", None, 60), "no_data"),
    ],
    "refresh_failed": [
        Case(seen(), "normal"),
        Case(seen(failures=2, last=LastRefresh("FAILED", message="boom")), "firing", "failed 2 times in a row: boom"),
        Case(seen(failures=0, last=LastRefresh("UPSTREAM_FAILED")), "normal"),
    ],
    "upstream_failed": [
        Case(seen(), "no_data"),
        Case(seen(last=LastRefresh("UPSTREAM_FAILED")), "firing", "a table that it reads"),
        Case(seen(last=LastRefresh("SUCCEEDED")), "normal"),
    ],
    "suspended": [
        Case(seen(), "normal"),
        Case(seen(suspended="USER_SUSPENDED"), "normal"),
        Case(seen(suspended="SUSPENDED_DUE_TO_ERRORS"), "firing", "suspended due to errors"),
    ],
    "slow_refresh": [
        Case(seen(last=LastRefresh("SUCCEEDED", duration_ms=5000)), "no_data"),
        Case(seen(last=LastRefresh("SUCCEEDED", duration_ms=5000), figures=Figures(usual_ms=1000)), "firing", "5 s"),
        Case(seen(last=LastRefresh("SUCCEEDED", duration_ms=90), figures=Figures(usual_ms=2)), "normal"),
    ],
    "full_refresh": [
        Case(seen(last=LastRefresh("SUCCEEDED", "FULL", "INITIAL")), "normal"),
        Case(seen(last=LastRefresh("SUCCEEDED", "REINITIALIZE", "SOURCE_ALTERED")), "firing", "source altered"),
        Case(seen(last=LastRefresh("SUCCEEDED", "FULL", "FULL_MODE"), incremental=False), "no_data"),
    ],
    "row_volume": [
        Case(seen(), "no_data"),
        Case(seen(figures=Figures(rows=149, usual_rows=100)), "normal"),
        Case(seen(figures=Figures(rows=40, usual_rows=100)), "firing", "about 40 rows"),
    ],
    "log_growth": [
        Case(seen(), "no_data"),
        Case(seen(figures=Figures(log_ratio=0.4)), "normal"),
        Case(seen(figures=Figures(log_ratio=0.8)), "firing", "80%"),
    ],
    "capture_missing": [
        Case(seen(), "normal"),
        Case(seen(figures=Figures(broken=("s.orders",))), "firing", "s.orders"),
    ],
    "quality": [
        Case(seen(), "no_data"),
        Case(seen(figures=Figures(quality_failed=0)), "normal"),
        Case(seen(figures=Figures(quality_failed=2)), "firing", "2 of its quality rules"),
    ],
    "leader_missing": [Case(Installation(), "normal"), Case(Installation(20), "firing", "20 s")],
    "measure": [
        Case(Answer(), "no_data"),
        Case(Answer(error="no such table"), "error", "no such table"),
        Case(Answer(-1), "firing", "-1"),
        Case(Answer(1), "normal"),
    ],
    "custom_sql": [Case(Answer(0), "normal"), Case(Answer(1), "firing"), Case(Answer(error="x"), "error")],
}


@pytest.mark.parametrize(("kind", "case"), [(k, c) for k, cases in CASES.items() for c in cases])
def test_cases(kind: str, case: Case) -> None:
    looked = look(Rule(1, "r", kind), case.subject, Standing(), T)
    assert looked.stepped.standing.state == State(case.state)
    assert case.text in looked.stepped.standing.text


def test_every_condition_has_cases_and_a_page() -> None:
    kinds = set(all_conditions())
    assert kinds == set(CASES)
    listed = (PAGES / "README.md").read_text()
    for kind, condition in all_conditions().items():
        assert kind == condition.kind
        page = (PAGES / f"{kind}.md").read_text()
        assert condition.summary in page
        assert f"({kind}.md)" in listed


def test_what_ages_is_looked_at_again_when_it_is_late() -> None:
    assert look(Rule(1, "r", "freshness"), seen(10), Standing(), T).again_at == T + timedelta(seconds=50)
    assert look(Rule(1, "r", "freshness"), seen(70), Standing(), T).again_at is None
    assert look(Rule(1, "r", "suspended"), seen(10), Standing(), T).again_at is None


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(InvalidOptionError, match="no condition"):
        condition_of("nonsense")
