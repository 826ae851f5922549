"""From alerts to messages: marks, groups, and what each channel is told now. Who calls it writes what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dyntables.alerts.model import Alert
from dyntables.alerts.noise.document import Routing
from dyntables.alerts.noise.grouping import Decision, Group, Member, decide
from dyntables.alerts.noise.inhibition import inhibitors
from dyntables.alerts.noise.routing import DASHBOARD, Destination, destinations
from dyntables.alerts.noise.silencing import Silence, silenced_by
from dyntables.alerts.selecting import Parents

GroupKey = tuple[str, str]
"""A channel, and the group's labels as text."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What keeps a firing alert from being told: the alert that it follows from, a silence."""

    inhibited_by: str | None = None
    silenced_by: int | None = None

    @property
    def quiet(self) -> bool:
        """Whether anything does."""
        return self.inhibited_by is not None or self.silenced_by is not None


@dataclass(frozen=True, slots=True)
class Policy:
    """What people have said about noise; ``channels``: that each rule names by itself."""

    routing: Routing = field(default_factory=Routing)
    silences: tuple[Silence, ...] = ()
    channels: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What a channel is to be told of a group now."""

    key: GroupKey
    decision: Decision


@dataclass(frozen=True, slots=True)
class Round:
    """What comes of one look at all alerts: marks, groups that changed, what is told, and when to look again."""

    marks: Mapping[str, Mark]
    groups: Mapping[GroupKey, Group]
    told: tuple[Told, ...]
    again_at: datetime | None


def marks_of(firing: Iterable[Alert], parents: Parents, silences: Iterable[Silence], now: datetime) -> dict[str, Mark]:
    """Return what keeps each firing alert from being told."""
    alerts, quieting = list(firing), list(silences)
    over = inhibitors(alerts, parents)
    found = {}
    for alert in alerts:
        silence = silenced_by(quieting, alert.labels, now)
        found[alert.fingerprint] = Mark(over.get(alert.fingerprint), silence.id if silence is not None else None)
    return found


def tell(
    firing: Iterable[Alert], marks: Mapping[str, Mark], policy: Policy, groups: Mapping[GroupKey, Group], now: datetime
) -> Round:
    """Decide for every group that has a firing alert, or a channel that believes in one."""
    members: dict[GroupKey, dict[str, Member]] = {}
    places: dict[GroupKey, Destination] = {}
    for alert in firing:
        mark = marks[alert.fingerprint]
        member = Member(True, mark.quiet, alert.acknowledged_at is not None)
        for place in destinations(policy.routing.root, alert.labels, policy.channels.get(alert.rule_id, ())):
            if place.channel == DASHBOARD:
                continue  # it shows alerts themselves
            key = (place.channel, _text(place, alert))
            members.setdefault(key, {})[alert.fingerprint] = member
            places.setdefault(key, place)
    usual = destinations(policy.routing.root, {})[0]
    changed, told, waits = {}, [], list[datetime]()
    for key in sorted(members.keys() | groups.keys()):
        group, place = groups.get(key, Group()), places.get(key, usual)
        muted = any(policy.routing.mutes[name].holds(now) for name in place.mutes)
        decision = decide(group, members.get(key, {}), now, place.pace, muted=muted)
        if decision.group != group:
            changed[key] = decision.group
        if decision.tells:
            told.append(Told(key, decision))
        elif decision.again_at is not None:
            waits.append(decision.again_at)
    return Round(marks, changed, tuple(told), min(waits, default=None))


def _text(place: Destination, alert: Alert) -> str:
    return ", ".join(f"{label}={value}" for label, value in place.group_of(alert.labels)) or "all"
