"""Rules over what has been."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dyntables.alerts.model import Direction, Rule, Threshold, Timing
from dyntables.alerts.replay import Ended, Fired, Past, replay
from dyntables.alerts.seen import LastRefresh, Seen

T = datetime(2026, 1, 5, tzinfo=UTC)
TABLE = Seen(1, "s.t", None, 60.0)


def at(seconds: float) -> datetime:
    return T + timedelta(seconds=seconds)


def ended(when: float, before: float, state: str = "SUCCEEDED", **change: object) -> Ended:
    last = LastRefresh(state, str(change.pop("action", "INCREMENTAL")), "CHANGES", float(change.pop("ms", 10.0)))  # type: ignore[arg-type]
    values: dict[str, object] = {"first_at": None, "before": at(before), "after": at(when), "lag": when - before}
    return Ended(at=at(when), last=last, **(values | change))  # type: ignore[arg-type]


def fired(rule: Rule, past: Past, end: float) -> list[tuple[float, float | None]]:
    def when(instant: datetime) -> float:
        return round((instant - T).total_seconds(), 1)

    found = replay(rule, TABLE, past, at(end)).fired
    return [(when(f.begin), when(f.end) if f.end is not None else None) for f in found]


def test_lateness_begins_between_refreshes_and_ends_with_one() -> None:
    past = Past([ended(10, 0), ended(100, 10), ended(110, 100)])
    assert fired(Rule(1, "late", "freshness"), past, 150) == [(70, 100)]
    assert fired(Rule(1, "late", "freshness", timing=Timing(timedelta(seconds=20))), past, 150) == [(90, 100)]
    assert fired(Rule(1, "late", "freshness"), past, 200) == [(70, 100), (170, None)]
    found = replay(Rule(1, "late", "freshness"), TABLE, past, at(150))
    assert max(found.points, key=lambda p: p.value).at == at(100)
    assert found.fired == (Fired(at(70.001), at(100)),)


def test_looks_that_found_nothing_kept_it_fresh() -> None:
    quiet = ended(500, 10, action="NO_DATA", first_at=at(20), lag=15.0)
    assert fired(Rule(1, "late", "freshness"), Past([ended(10, 0), quiet]), 520) == []
    assert fired(Rule(1, "late", "freshness"), Past([ended(10, 0)], looked_at=at(500)), 520) == []
    assert fired(Rule(1, "late", "freshness"), Past([ended(10, 0)]), 520) == [(70, None)]


def test_failures_slow_refreshes_quality_and_volume() -> None:
    failing = [ended(10, 0), ended(20, 10, "FAILED"), ended(30, 10, "FAILED"), ended(40, 10)]
    assert fired(Rule(1, "f", "refresh_failed"), Past(failing), 50) == [(20, 40)]
    assert fired(Rule(1, "f", "refresh_failed", threshold=Threshold(1)), Past(failing), 50) == [(30, 40)]
    usual = [ended(i, i - 1, ms=1000.0) for i in range(1, 13)]
    slow = [*usual, ended(20, 13, ms=9000.0), ended(21, 20, ms=1000.0)]
    assert fired(Rule(1, "s", "slow_refresh"), Past(slow), 30) == [(20, 21)]
    checks = [(at(5), 0), (at(6), 2), (at(9), 0)]
    assert fired(Rule(1, "q", "quality"), Past([], checks=checks), 30) == [(6, 9)]
    day = 86400.0
    grown = [ended(i * day, (i - 1) * day, grown=n) for i, n in ((1, 10), (2.5, 0), (4, 90))]
    assert fired(Rule(1, "v", "row_volume"), Past(grown, rows=200.0), 5 * day) == [(4 * day, None)]


@pytest.mark.parametrize("direction", list(Direction))
def test_a_long_past_keeps_its_worst_points(direction: Direction) -> None:
    past = Past([ended(i, i - 1 if i != 5000 else i - 900) for i in range(1, 9000)])
    rule = Rule(
        1, "late", "freshness", threshold=Threshold(5.0 if direction is Direction.ABOVE else -1, None, direction)
    )
    found = replay(rule, TABLE, past, at(9000))
    assert len(found.points) <= 410
    if direction is Direction.ABOVE:
        assert max(p.value for p in found.points) > 0
