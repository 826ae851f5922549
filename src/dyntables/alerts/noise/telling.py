"""From alerts to messages: marks, groups, and what each channel is told now. Who calls it writes what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dyntables.alerts.model import Alert
from dyntables.alerts.noise.document import Routing
from dyntables.alerts.noise.grouping import Decision, Group, Member, Telling, decide
from dyntables.alerts.noise.inhibition import inhibitors
from dyntables.alerts.noise.pacing import USUAL, room, room_at, several_at
from dyntables.alerts.noise.people import holds
from dyntables.alerts.noise.routing import DASHBOARD, Destination, destinations
from dyntables.alerts.noise.silencing import Silence, silenced_by
from dyntables.alerts.selecting import Parents

GroupKey = tuple[str, str]
"""A channel, and the group's labels as text."""
SEVERAL = "*"
"""The group of a message that tells of several."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What keeps an alert from being told: the alert that it follows from, a silence; and whether it flaps."""

    inhibited_by: str | None = None
    silenced_by: int | None = None
    flapping: bool = False

    @property
    def quiet(self) -> bool:
        """Whether anything keeps it from being told as firing."""
        return self.inhibited_by is not None or self.silenced_by is not None


@dataclass(frozen=True, slots=True)
class Policy:
    """What people have said about noise.

    ``channels``: that each rule names by itself. ``per_minute``: how many messages a channel takes.
    """

    routing: Routing = field(default_factory=Routing)
    silences: tuple[Silence, ...] = ()
    channels: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    per_minute: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What a channel is to be told now, of a group or of several (``SEVERAL``)."""

    channel: str
    group: str
    telling: Telling
    firing: frozenset[str]
    resolved: frozenset[str]


@dataclass(frozen=True, slots=True)
class Round:
    """What comes of one look at all alerts: groups that changed, what is told, and when to look again."""

    groups: Mapping[GroupKey, Group]
    told: tuple[Told, ...]
    again_at: datetime | None


@dataclass(slots=True)
class _Members:
    """The alerts of each group, how each group is paced, and when an escalation goes on."""

    alerts: dict[GroupKey, dict[str, Member]] = field(default_factory=dict)
    places: dict[GroupKey, Destination] = field(default_factory=dict)
    waits: list[datetime] = field(default_factory=list)

    def add(self, place: Destination, group: str, fingerprint: str, member: Member) -> None:
        if place.channel != DASHBOARD:  # it shows alerts themselves
            self.alerts.setdefault((place.channel, group), {})[fingerprint] = member
            self.places.setdefault((place.channel, group), place)


def marks_of(
    alerts: Iterable[Alert], parents: Parents, silences: Iterable[Silence], flapping: frozenset[str], now: datetime
) -> dict[str, Mark]:
    """Return the marks of alerts that fire, or flap."""
    present, quieting = list(alerts), list(silences)
    over = inhibitors(present, parents)
    found = {}
    for alert in present:
        silence = silenced_by(quieting, alert.labels, now)
        mine = alert.fingerprint
        found[mine] = Mark(over.get(mine), silence.id if silence is not None else None, mine in flapping)
    return found


def tell(
    alerts: Iterable[Alert],
    marks: Mapping[str, Mark],
    policy: Policy,
    groups: Mapping[GroupKey, Group],
    now: datetime,
    sent: Mapping[str, Sequence[datetime]] | None = None,
) -> Round:
    """Decide for every group that has an alert, or a channel that believes in one.

    Args:
        alerts: those that fire, or flap.
        marks: of each.
        policy: what people have said.
        groups: what channels believe.
        now: the present.
        sent: when each channel was told in the last minute.
    """
    found = _members(alerts, marks, policy, now)
    usual = destinations(policy.routing.root, {})[0]
    changed: dict[GroupKey, Group] = {}
    due: dict[str, list[tuple[str, Decision]]] = {}
    waits = found.waits
    for key in sorted(found.alerts.keys() | groups.keys()):
        group, place = groups.get(key, Group()), found.places.get(key, usual)
        muted = any(policy.routing.mutes[name].holds(now) for name in place.mutes)
        decision = decide(group, found.alerts.get(key, {}), now, place.pace, muted=muted)
        if decision.tells:
            due.setdefault(key[0], []).append((key[1], decision))
        else:
            if decision.group != group:
                changed[key] = decision.group
            if decision.again_at is not None:
                waits.append(decision.again_at)
    told: list[Told] = []
    for channel, decided in due.items():
        before, most = (sent or {}).get(channel, ()), policy.per_minute.get(channel, USUAL)
        left = room(before, now, most)
        several = len(decided) > left
        at = max(room_at(before, now, most), several_at(before, now, most) if several else now)
        if at > now:
            waits.append(at)
            continue
        changed |= {(channel, group): d.group for group, d in decided}
        told += _told(channel, decided, several=several)
    return Round(changed, tuple(told), min(waits, default=None))


def _told(channel: str, decided: list[tuple[str, Decision]], *, several: bool) -> list[Told]:
    if not several:
        return [Told(channel, group, d.telling, d.firing, d.resolved) for group, d in decided]
    none: frozenset[str] = frozenset()
    firing = none.union(*(d.firing for _, d in decided))
    resolved = none.union(*(d.resolved for _, d in decided)) - firing
    return [Told(channel, SEVERAL, Telling.SEVERAL, firing, resolved)]


def _members(alerts: Iterable[Alert], marks: Mapping[str, Mark], policy: Policy, now: datetime) -> _Members:
    found = _Members()
    for alert in alerts:
        mine, mark = alert.fingerprint, marks[alert.fingerprint]
        snoozed = alert.snoozed_until is not None and now < alert.snoozed_until
        if snoozed and alert.snoozed_until is not None:
            found.waits.append(alert.snoozed_until)
        quiet = mark.quiet or snoozed
        member = Member(True, quiet, holds(alert.acknowledged_at, now))
        for place in destinations(policy.routing.root, alert.labels, policy.channels.get(alert.rule_id, ())):
            group = _text(place, alert)
            found.add(place, group, mine, member)
            _escalate(found, place, group, alert, member, now)
    return found


def _escalate(found: _Members, place: Destination, group: str, alert: Alert, member: Member, now: datetime) -> None:
    """Add the channels of the levels that are due. Who was told before somebody came is told of the end, too."""
    since = alert.standing.since
    if place.escalation is None or since is None:
        return
    until = alert.acknowledged_at if member.acknowledged and alert.acknowledged_at is not None else now
    for channel in place.escalation.due(since, until):
        found.add(place.escalated_to(channel), f"escalated: {group}", alert.fingerprint, member)
    after = place.escalation.next_at(since, now)
    if after is not None and not member.acknowledged:
        found.waits.append(after)


def _text(place: Destination, alert: Alert) -> str:
    return ", ".join(f"{label}={value}" for label, value in place.group_of(alert.labels)) or "all"
