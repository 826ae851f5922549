"""What channels are told of alerts together: escalation, snoozing, flapping, the limit of each channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyntables.alerts.model import Alert, Severity, Standing, State
from dyntables.alerts.noise.document import read_routing
from dyntables.alerts.noise.grouping import Group, Telling
from dyntables.alerts.noise.pacing import room, room_at
from dyntables.alerts.noise.people import ACKNOWLEDGED_FOR, Flap
from dyntables.alerts.noise.telling import SEVERAL, GroupKey, Mark, Policy, Round, tell
from dyntables.errors import InvalidOptionError

T = datetime(2026, 1, 5, tzinfo=UTC)
AT_ONCE = {"channel": "mail", "group_by": ["table"], "group_wait": 0, "group_interval": 60, "repeat_interval": 3600}


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def alert(number: int, **change: object) -> Alert:
    labels = {"rule": "late", "table": f"s.t{number}", "severity": "error"}
    return replace(Alert(1, "freshness", Severity.ERROR, labels, Standing(State.FIRING, T), number), **change)  # type: ignore[arg-type]


class Channels:
    """Tells again and again, and keeps what is believed."""

    def __init__(self, route: dict[str, object], **limits: int) -> None:
        self.policy = Policy(read_routing({"route": route}), per_minute=limits)
        self.groups: dict[GroupKey, Group] = {}
        self.sent: dict[str, list[datetime]] = {}

    def tell(self, alerts: Sequence[Alert], after: float, *flapping: int) -> Round:
        now = T + seconds(after)
        marks = {a.fingerprint: Mark(flapping=a.table_id in flapping) for a in alerts}
        found = tell(alerts, marks, self.policy, self.groups, now, self.sent)
        self.groups |= found.groups
        for told in found.told:
            self.sent.setdefault(told.channel, []).append(now)
        return found

    def told(self, alerts: Sequence[Alert], after: float) -> list[tuple[str, Telling]]:
        return [(t.channel, t.telling) for t in self.tell(alerts, after).told]


ESCALATED = {**AT_ONCE, "escalation": [{"channel": "pager", "after": 600}, {"channel": "boss", "after": 600}]}


def test_nobody_comes_so_the_next_channel_is_told_and_all_hear_of_the_end() -> None:
    channels = Channels(ESCALATED)
    first = channels.tell([alert(1)], 0)
    assert [(t.channel, t.telling) for t in first.told] == [("mail", Telling.FIRST)]
    assert channels.tell([alert(1)], 1).again_at == T + seconds(600)
    assert channels.told([alert(1)], 600) == [("pager", Telling.FIRST)]
    assert channels.told([alert(1)], 1200) == [("boss", Telling.FIRST)]
    assert sorted(channels.told([], 1300)) == [(c, Telling.RESOLVED) for c in ("boss", "mail", "pager")]


def test_who_acknowledges_stops_the_escalation_for_a_day_and_the_pager_hears_of_the_end() -> None:
    channels = Channels(ESCALATED)
    taken = alert(1, acknowledged_at=T + seconds(700))
    assert channels.told([alert(1)], 0) == [("mail", Telling.FIRST)]
    assert channels.told([alert(1)], 600) == [("pager", Telling.FIRST)]
    assert channels.told([taken], 1300) == []
    day = 700 + ACKNOWLEDGED_FOR.total_seconds()
    assert ("boss", Telling.FIRST) in channels.told([taken], day)
    assert len(channels.told([], day + 61)) == 3


def test_what_is_snoozed_is_told_when_that_is_over() -> None:
    channels = Channels(AT_ONCE)
    snoozed = alert(1, snoozed_until=T + seconds(100))
    assert channels.tell([snoozed], 0).again_at == T + seconds(100)
    assert channels.told([snoozed], 99) == []
    assert channels.told([snoozed], 100) == [("mail", Telling.FIRST)]


def test_what_comes_and_goes_is_told_once_and_its_end_when_it_is_calm() -> None:
    channels = Channels(AT_ONCE)
    gone = alert(1, standing=Standing(State.RESOLVED, T))
    assert channels.told([alert(1)], 0) == [("mail", Telling.FIRST)]
    assert channels.tell([gone], 100, 1).told == ()
    assert channels.told([], 200) == [("mail", Telling.RESOLVED)]
    changes = [T + seconds(i) for i in range(7)]
    assert Flap().calm_at(changes, T + seconds(7)) == T + seconds(4) + timedelta(hours=1)
    assert not Flap().flaps(changes, Flap().calm_at(changes, T + seconds(7)), before=True)


def test_a_storm_becomes_few_messages_that_tell_of_everything() -> None:
    channels = Channels(AT_ONCE, mail=3)
    storm = [alert(i) for i in range(1000)]
    (told,) = channels.tell(storm, 0).told
    assert (told.group, told.telling) == (SEVERAL, Telling.SEVERAL)
    assert told.firing == {a.fingerprint for a in storm}
    assert len(channels.tell([*storm, alert(1001), alert(1002)], 1).told) == 2
    full = channels.tell([*storm, alert(1003)], 2)
    assert (full.told, full.again_at) == ((), T + seconds(60))
    assert [t.firing for t in channels.tell([*storm, alert(1003)], 60).told if not t.resolved] == [
        {alert(1003).fingerprint}
    ]


@given(
    st.lists(st.tuples(st.integers(1, 90), st.sets(st.integers(0, 12))), max_size=30),
    st.integers(1, 4),
)
def test_whatever_happens_no_channel_has_more_than_its_limit_and_no_pair_is_lost(
    looks: list[tuple[int, set[int]]], limit: int
) -> None:
    channels = Channels(AT_ONCE, mail=limit)
    believed: set[str] = set()
    at = 0.0
    for gap, present in [*looks, *((61, set[int]()) for _ in range(16))]:
        at += gap
        for told in channels.tell([alert(i) for i in present], at).told:
            assert told.resolved <= believed
            believed = (believed - told.resolved) | told.firing
        assert len([a for a in channels.sent.get("mail", []) if a > T + seconds(at - 60)]) <= limit
        assert believed == {f for g in channels.groups.values() for f in g.told}
    assert not believed


def test_room() -> None:
    sent = [T, T + seconds(30), T + seconds(50)]
    assert [room(sent, T + seconds(s), 3) for s in (55, 60, 90, 110)] == [0, 1, 2, 3]
    assert room_at(sent, T + seconds(55), 3) == T + seconds(60)
    assert room_at(sent, T + seconds(61), 3) == T + seconds(61)
    # A clock that was set back: what was sent in the future was sent now.
    assert room([T + timedelta(days=1)], T, 1) == 0
    assert room_at([T + timedelta(days=1)], T, 1) == T + seconds(60)


@pytest.mark.parametrize(
    "levels", [[{"channel": "a"}], [{"after": 1}], [{"channel": "a", "after": -1}], [{"channel": "a", "after": 1}] * 4]
)
def test_an_escalation_that_cannot_work_is_refused_with_its_place(levels: list[dict[str, object]]) -> None:
    with pytest.raises(InvalidOptionError, match=r"route\.escalation"):
        read_routing({"route": {"escalation": levels}})
