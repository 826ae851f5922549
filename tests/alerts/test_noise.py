"""What is told and what is not: groups, routes, silences, inhibition by lineage, flapping, escalation."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyntables.alerts.model import Alert, Severity, Standing, State
from dyntables.alerts.noise.grouping import Group, Member, Telling, decide
from dyntables.alerts.noise.inhibition import inhibitors
from dyntables.alerts.noise.matching import parse_matcher
from dyntables.alerts.noise.people import Escalation, Flap, Level
from dyntables.alerts.noise.routing import Pace, Route, destinations
from dyntables.alerts.noise.silencing import MuteTiming, Silence, silenced_by
from dyntables.alerts.selecting import selected
from dyntables.errors import InvalidOptionError

T = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
PACE = Pace(timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=4))


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def firing(table_id: int, kind: str) -> Alert:
    return Alert(1, kind, Severity.ERROR, {"rule": kind, "table": str(table_id)}, Standing(State.FIRING, T), table_id)


def test_a_group_gathers_waits_and_repeats() -> None:
    a, b = Member(firing=True), Member(firing=True)
    first = decide(Group(), {"a": a}, T, PACE)
    assert (first.telling, first.again_at) == (Telling.GATHERING, T + seconds(30))
    told = decide(first.group, {"a": a, "b": b}, T + seconds(30), PACE)
    assert (told.telling, told.firing) == (Telling.FIRST, {"a", "b"})
    same = decide(told.group, {"a": a, "b": b}, T + seconds(60), PACE)
    assert (same.telling, same.again_at) == (Telling.NOTHING_NEW, T + seconds(30) + timedelta(hours=4))
    soon = decide(told.group, {"a": a}, T + seconds(60), PACE)
    assert (soon.telling, soon.again_at) == (Telling.TOO_SOON, T + seconds(330))
    changed = decide(soon.group, {"a": a}, T + seconds(330), PACE)
    assert (changed.telling, changed.firing, changed.resolved) == (Telling.CHANGED, {"a"}, {"b"})
    repeated = decide(changed.group, {"a": a}, T + seconds(330) + PACE.repeat, PACE)
    assert repeated.telling is Telling.REPEATED
    resolved = decide(repeated.group, {}, T + timedelta(days=1), PACE)
    assert (decide(resolved.group, {}, T + timedelta(days=1, hours=1), PACE)).telling is Telling.RESOLVED


def test_nobody_hears_of_what_was_over_before_it_was_told() -> None:
    first = decide(Group(), {"a": Member(firing=True)}, T, PACE)
    assert decide(first.group, {"a": Member(firing=False)}, T + seconds(31), PACE).telling is Telling.EMPTY


def test_who_was_told_that_it_fires_hears_that_it_is_resolved_silenced_or_not() -> None:
    told = decide(Group(), {"a": Member(firing=True)}, T, Pace(seconds(0), seconds(0)))
    silenced = decide(told.group, {"a": Member(firing=True, quiet=True)}, T + seconds(1), PACE)
    assert silenced.telling is Telling.NOTHING_NEW
    assert decide(silenced.group, {"a": Member(firing=False, quiet=True)}, T + timedelta(1), PACE).group.opened_at


def test_acknowledged_alerts_are_not_repeated_and_hours_are_kept() -> None:
    pace = Pace(seconds(0), seconds(0), seconds(60))
    told = decide(Group(), {"a": Member(firing=True)}, T, pace).group
    later = T + seconds(61)
    assert decide(told, {"a": Member(firing=True, acknowledged=True)}, later, pace).telling is Telling.NOTHING_NEW
    assert decide(told, {"a": Member(firing=True)}, later, pace, muted=True).telling is Telling.MUTED
    assert decide(Group(), {"a": Member(firing=True)}, T, pace, muted=True).telling is Telling.MUTED


@given(
    st.lists(
        st.tuples(
            st.integers(-100, 400),
            st.dictionaries(st.sampled_from("abc"), st.builds(Member, st.booleans(), st.booleans(), st.booleans())),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_no_pair_is_lost_and_no_group_is_told_twice_in_its_interval(
    looks: list[tuple[int, dict[str, Member], bool]],
) -> None:
    group, now, believed = Group(), T, set[str]()
    told_at: datetime | None = None
    for gap, members, muted in looks:
        now += seconds(gap)
        told_at = min(told_at, now) if told_at is not None else None
        decision = decide(group, members, now, PACE, muted=muted)
        group = decision.group
        if decision.tells:
            assert told_at is None or now - told_at >= PACE.interval
            assert decision.resolved <= believed
            told_at, believed = now, set(decision.firing)
        assert group.told == believed
    # Everything ends: what was told as firing is told as resolved.
    for gap in (0, 600):
        decision = decide(group, {}, now + seconds(gap), PACE)
        group = decision.group
    assert not group.told


@given(st.dictionaries(st.integers(0, 9), st.sets(st.integers(0, 9), max_size=3), max_size=10), st.data())
def test_who_is_inhibited_has_a_cause_that_is_not(edges: dict[int, set[int]], data: st.DataObject) -> None:
    parents = {i: {p for p in above if p < i} for i, above in edges.items()}
    kinds = st.sampled_from(["freshness", "refresh_failed", "suspended", "quality", "upstream_failed", "measure"])
    alerts = [firing(i, kind) for i, kind in data.draw(st.sets(st.tuples(st.integers(0, 9), kinds)))]
    by_print = {a.fingerprint: a for a in alerts}
    found = inhibitors(alerts, parents)
    for root in found.values():
        assert root in by_print
        assert root not in found
    # When the causes are resolved, what still fires is inhibited by nothing that is not there, and is told.
    left = [a for a in alerts if a.fingerprint in found]
    again = inhibitors(left, parents)
    assert not left or any(a.fingerprint not in again for a in left)


def test_a_chain_whose_root_breaks_is_one_alert() -> None:
    parents = {i: {i - 1} for i in range(2, 11)}
    alerts = [firing(1, "refresh_failed"), *(firing(i, "freshness") for i in range(1, 11))]
    found = inhibitors(alerts, parents)
    assert len(found) == 10
    assert set(found.values()) == {alerts[0].fingerprint}
    # A table that fails by itself is told by itself.
    assert firing(5, "refresh_failed").fingerprint not in inhibitors([*alerts, firing(5, "refresh_failed")], parents)


def test_the_tree_says_where_an_alert_goes_and_why() -> None:
    critical = Route("critical", "pager", (parse_matcher('severity="critical"'),), pace=Pace(seconds(0)), goes_on=True)
    sales = Route(
        "sales", "sales", (parse_matcher("table=~sales.*"),), routes=(Route("eu", "eu", (parse_matcher("region=eu"),)),)
    )
    root = Route("top", "mail", group_by=("table",), pace=PACE, routes=(critical, sales))
    found = destinations(root, {"severity": "critical", "table": "sales.orders", "region": "eu"})
    assert [(d.path, d.channel) for d in found] == [(("top", "critical"), "pager"), (("top", "sales", "eu"), "eu")]
    assert found[0].pace.wait == seconds(0)
    assert found[0].group_of({"table": "t"}) == (("table", "t"),)
    assert [d.channel for d in destinations(root, {"severity": "info"}, ("mail", "hook"))] == ["mail", "hook"]


@pytest.mark.parametrize("text", ["", "a", "a==b", 'a="', "=b", "a=b c", "a=" + "x" * 300])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(InvalidOptionError):
        parse_matcher(text)


@pytest.mark.parametrize(
    ("text", "matches"),
    [('a="x"', True), ("a=x", True), ('a!="x"', False), ("a=~x*|y", True), ("a!~y|z?", True), (r'b="\"\\"', False)],
)
def test_matchers(text: str, matches: bool) -> None:
    matcher = parse_matcher(text)
    assert matcher.matches({"a": "x"}) is matches
    assert parse_matcher(str(matcher)) == matcher


def test_selectors() -> None:
    names = {1: "s.a", 2: "s.b", 3: "t.c"}
    parents = {2: {1}, 3: {2}}
    for selector, ids in {
        "*": {1, 2, 3},
        "s.*": {1, 2},
        "+t.c": {1, 2, 3},
        "s.b+": {2, 3},
        "x, t.c": {3},
        "": set(),
    }.items():
        assert selected(selector, names, parents) == ids


def test_silences_and_hours() -> None:
    silence = Silence(1, (parse_matcher("table=t"),), T, T + seconds(60), "ada", "upgrade")
    assert silenced_by([silence], {"table": "t"}, T) is silence
    assert silenced_by([silence], {"table": "t"}, T + seconds(60)) is None
    assert not Silence(1, (), T, T + seconds(60), "ada", "").holds({}, T)
    night = MuteTiming("night", time(22), time(6), frozenset({0}), "Europe/Zurich")
    assert not night.holds(T + timedelta(hours=20))  # 21:00 in Zurich
    assert night.holds(T + timedelta(hours=22))
    assert night.holds(T + timedelta(hours=28))  # Tuesday, 05:00
    assert not night.holds(T + timedelta(hours=46))  # Tuesday, 23:00


def test_flapping_has_two_bounds() -> None:
    changes = [T + timedelta(minutes=i) for i in range(6)]
    flap = Flap()
    assert not flap.flaps(changes[:5], changes[5], before=False)
    assert flap.flaps(changes, changes[5], before=False)
    assert flap.flaps(changes[:3], changes[5], before=True)
    assert not flap.flaps(changes, T + timedelta(hours=2), before=True)


def test_an_escalation_goes_up_level_by_level() -> None:
    steps = Escalation((Level("mail", seconds(60)), Level("pager", seconds(60))))
    assert [steps.due(T, T + seconds(s)) for s in (59, 60, 120, 999)] == [
        (), ("mail",), ("mail", "pager"), ("mail", "pager")]  # fmt: skip
    assert steps.next_at(T, T + seconds(60)) == T + seconds(120)
    assert steps.next_at(T, T + seconds(120)) is None
    with pytest.raises(ValueError, match="at most 3"):
        Escalation((Level("a", seconds(1)),) * 4)
