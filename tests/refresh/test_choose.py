"""The cost model by itself: what it chooses, how it learns, and that no figure is for ever."""

from __future__ import annotations

import itertools
import json

import pytest

from dyntables.catalog.model import Action
from dyntables.refresh.choice.choose import (
    Costs,
    Full,
    Owed,
    choose,
    dump,
    full_seconds,
    incremental_seconds,
    learn,
    load,
)

HOUR, DAY, WEEK = 3600.0, 86_400.0, 7 * 86_400.0
SOURCE = "public.s"
START = 1_000_000.0


def owed(rows: int, now: float = START, size: float = 1e6, source: str = SOURCE) -> Owed:
    return Owed({source: rows}, size, now)


def built(seconds: float = 2.0, size: float = 1e6) -> Costs:
    return learn(Costs(1), Owed({}, size, START), Action.REINITIALIZE, seconds)


def action(costs: Costs, rows: int, now: float = START, source: str = SOURCE, size: float = 1e6) -> Action:
    return choose(costs, owed(rows, now, size, source)).action


def test_nothing_known_is_incremental() -> None:
    assert action(Costs(1), 10_000_000) is Action.INCREMENTAL
    assert incremental_seconds(Costs(1), owed(5)) is None


def test_without_experience_the_share_of_changed_rows_decides() -> None:
    costs = built()
    assert action(costs, 10) is Action.INCREMENTAL
    assert action(costs, 50_000) is Action.INCREMENTAL
    assert action(costs, 1_000_000) is Action.FULL
    choice = choose(costs, owed(1_000_000))
    assert choice.full == pytest.approx(2.0)
    assert choice.incremental == pytest.approx(12.0)
    assert "1,000,000 changed rows" in choice.why


def test_what_nobody_would_notice_is_incremental() -> None:
    assert action(built(seconds=0.008, size=9), 9, size=9) is Action.INCREMENTAL
    assert action(built(seconds=0.05, size=1000), 2000, size=1000) is Action.FULL
    assert action(built(seconds=0.01, size=1000), 1500, size=1000) is Action.INCREMENTAL


def test_experience_beats_the_prior_both_ways() -> None:
    fast = learn(built(), owed(1_000_000), Action.INCREMENTAL, 0.9)
    assert action(fast, 1_000_000) is Action.INCREMENTAL
    slow = learn(built(), owed(2_000), Action.INCREMENTAL, 30.0)
    assert action(slow, 2_000) is Action.FULL


def test_estimates_lie_between_the_sizes_that_are_known() -> None:
    costs = learn(learn(built(), owed(1000), Action.INCREMENTAL, 0.1), owed(100_000), Action.INCREMENTAL, 1.0)
    between = incremental_seconds(costs, owed(10_000))
    assert between == pytest.approx(0.316, rel=0.01)
    assert incremental_seconds(costs, owed(10)) == pytest.approx(0.001)
    assert incremental_seconds(costs, owed(200_000)) == pytest.approx(2.0)


def test_overhead_of_tiny_changes_is_not_multiplied() -> None:
    costs = learn(built(), owed(1), Action.INCREMENTAL, 0.005)
    assert action(costs, 20_000) is Action.INCREMENTAL


def test_other_sources_are_other_experience() -> None:
    costs = learn(built(), owed(5_000), Action.INCREMENTAL, 30.0)
    assert action(costs, 5_000) is Action.FULL
    assert action(costs, 5_000, source="public.other") is Action.INCREMENTAL


def test_a_full_estimate_follows_the_size_of_the_sources() -> None:
    costs = built(seconds=1.0, size=1e5)
    assert full_seconds(costs, owed(1, size=1e6)) == pytest.approx(9.82)
    assert full_seconds(costs, Owed({SOURCE: 1}, 0, START)) == pytest.approx(1.0)


def test_a_tiny_change_is_always_tried_again() -> None:
    """One slow incremental refresh of a tiny change must not mean FULL for ever."""
    costs = learn(built(), owed(10), Action.INCREMENTAL, 60.0)
    now, actions = START, []
    for _ in range(20):
        now += 60
        chosen = action(costs, 10, now)
        actions.append(chosen)
        seconds = 0.004 if chosen is Action.INCREMENTAL else 2.0
        costs = learn(costs, owed(10, now), chosen, seconds, chosen=chosen is Action.FULL)
    assert actions[0] is Action.FULL
    first = actions.index(Action.INCREMENTAL)
    assert first <= 4
    # What was tried again was fast: half of the old figure is left, then a quarter; it is tried on and on.
    assert actions[-1] is Action.INCREMENTAL


def test_a_change_that_stays_slow_is_tried_less_and_less() -> None:
    costs = learn(built(), owed(100_000), Action.INCREMENTAL, 6.0)
    tries, now = [], START
    for number in range(60):
        now += 60
        chosen = action(costs, 100_000, now)
        if chosen is Action.INCREMENTAL:
            tries.append(number)
        seconds = 6.0 if chosen is Action.INCREMENTAL else 2.0
        costs = learn(costs, owed(100_000, now), chosen, seconds, chosen=chosen is Action.FULL)
    gaps = [b - a for a, b in itertools.pairwise(tries)]
    assert 2 <= len(tries) <= 5
    assert gaps == sorted(gaps)


def test_what_would_cost_much_is_not_tried_for_a_day() -> None:
    costs = learn(built(), owed(500_000), Action.INCREMENTAL, 60.0)
    for number in range(200):
        assert action(costs, 500_000, START + number * 60) is Action.FULL
        costs = learn(costs, owed(500_000, START + number * 60), Action.FULL, 2.0, chosen=True)
    assert action(costs, 500_000, START + 2 * DAY) is Action.INCREMENTAL


def test_a_full_figure_loses_its_weight_with_age() -> None:
    costs = learn(built(seconds=8.0), owed(100_000), Action.INCREMENTAL, 6.0)
    costs = learn(costs, owed(100_000, START + 4 * WEEK), Action.INCREMENTAL, 6.0)
    assert action(costs, 100_000) is Action.INCREMENTAL
    assert action(costs, 100_000, START + 4 * WEEK) is Action.FULL


def test_figures_survive_the_catalog_and_not_another_definition() -> None:
    costs = learn(learn(built(), owed(1000), Action.INCREMENTAL, 0.1), owed(9_000_000), Action.FULL, 2.0, chosen=True)
    stored = json.loads(json.dumps(dump(costs)))
    assert load(stored, 1) == costs
    assert load(stored, 2) == Costs(2)
    assert load({}, 1) == Costs(1)


def test_few_signatures_are_kept() -> None:
    costs = built()
    for number in range(50):
        costs = learn(costs, owed(5, START + number, source=f"public.s{number}"), Action.INCREMENTAL, 0.01)
    assert len(costs.points) == 8
    assert "public.s49" in costs.points
    assert costs.full == Full(2.0, 1e6, START)
