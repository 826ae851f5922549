"""The state machine: tables of steps, and what holds after any sequence of looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyntables.alerts.machine import Reason, end, next_look, step
from dyntables.alerts.model import Direction, Standing, State, Threshold, Timing, Verdict

T = datetime(2026, 1, 1, tzinfo=UTC)
F, C, N, E = Verdict.FIRES, Verdict.CLEAR, Verdict.NO_DATA, Verdict.ERROR


def after(looks: list[tuple[int, Verdict]], timing: Timing) -> list[State]:
    standing, states = Standing(), []
    for seconds, verdict in looks:
        standing = step(standing, verdict, T + timedelta(seconds=seconds), timing).standing
        states.append(standing.state)
    return states


@pytest.mark.parametrize(
    ("timing", "looks", "states"),
    [
        (Timing(), [(0, F), (1, C), (2, F)], "firing resolved firing"),
        (Timing(timedelta(seconds=5)), [(0, F), (4, F), (5, F)], "pending pending firing"),
        (Timing(timedelta(seconds=5)), [(0, F), (4, C), (5, F), (9, F)], "pending normal pending pending"),
        (Timing(keep_firing=timedelta(seconds=5)), [(0, F), (1, C), (5, C), (6, C)], "firing firing firing resolved"),
        (Timing(keep_firing=timedelta(seconds=5)), [(0, F), (1, C), (4, F), (7, C)], "firing firing firing firing"),
        (Timing(), [(0, N), (1, E), (2, C)], "no_data error normal"),
        (Timing(), [(0, F), (1, E), (2, N), (3, C)], "firing firing firing resolved"),
        # The clock is set back: the wait begins anew, and ends.
        (Timing(timedelta(seconds=5)), [(100, F), (0, F), (5, F)], "pending pending firing"),
    ],
)
def test_steps(timing: Timing, looks: list[tuple[int, Verdict]], states: str) -> None:
    assert after(looks, timing) == states.split()


def test_it_is_looked_at_again_when_it_would_change() -> None:
    timing = Timing(timedelta(seconds=5), timedelta(seconds=7))
    pending = step(Standing(), F, T, timing).standing
    assert next_look(pending, timing) == T + timedelta(seconds=5)
    firing = step(pending, F, T + timedelta(seconds=5), timing).standing
    assert next_look(firing, timing) is None
    clearing = step(firing, C, T + timedelta(seconds=6), timing).standing
    assert next_look(clearing, timing) == T + timedelta(seconds=13)


def test_what_is_gone_is_resolved() -> None:
    stepped = end(Standing(State.FIRING, T), T, Reason.SUBJECT_GONE)
    assert stepped.transition is not None
    assert stepped.transition.after is State.RESOLVED
    assert end(Standing(State.PENDING, T), T, Reason.SUBJECT_GONE).standing.state is State.NORMAL
    assert end(Standing(), T, Reason.SUBJECT_GONE).transition is None


def test_between_two_bounds_nothing_changes() -> None:
    high = Threshold(10, clear=5)
    assert [high.verdict(7, firing=f) for f in (False, True)] == [C, F]
    low = Threshold(5, clear=10, direction=Direction.BELOW)
    assert [low.verdict(7, firing=f) for f in (False, True)] == [C, F]


@given(
    st.lists(st.tuples(st.integers(-20, 60), st.sampled_from(Verdict))),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_each_firing_has_its_resolved(looks: list[tuple[int, Verdict]], pending: int, keep: int) -> None:
    timing = Timing(timedelta(seconds=pending), timedelta(seconds=keep))
    standing, now, pairs = Standing(), T, 0
    before = State.NORMAL
    for seconds, verdict in [*looks, (0, C), (keep, C)]:
        now += timedelta(seconds=seconds)
        stepped = step(standing, verdict, now, timing)
        if stepped.transition is not None:
            assert stepped.transition.before is before
            before = stepped.transition.after
            pairs += {State.FIRING: 1, State.RESOLVED: -1}.get(before, 0)
            assert before is not State.RESOLVED or stepped.transition.before is State.FIRING
        assert pairs in (0, 1)
        standing = stepped.standing
        assert standing.state is before
    assert pairs == 0


def test_what_a_person_resolved_fires_again_only_after_it_was_clear() -> None:
    firing = step(Standing(), F, T, Timing()).standing
    by_hand = end(firing, T, Reason.BY_HAND)
    assert by_hand.transition is not None
    assert (by_hand.standing.state, by_hand.standing.dismissed) == (State.RESOLVED, True)
    for verdict in (F, N, E):
        assert step(by_hand.standing, verdict, T, Timing()).standing == by_hand.standing
    clear = step(by_hand.standing, C, T, Timing())
    assert clear.transition is not None  # it is recorded, so that another leader knows it
    assert (clear.standing.state, clear.standing.dismissed) == (State.NORMAL, False)
    assert step(clear.standing, F, T, Timing()).standing.state is State.FIRING
    assert not end(firing, T, Reason.SUBJECT_GONE).standing.dismissed
    gone = end(by_hand.standing, T, Reason.SUBJECT_GONE).standing
    assert (gone.state, gone.dismissed) == (State.NORMAL, False)
