"""The routing tree: who is told of an alert, grouped by what, and why it goes there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from dyntables.alerts.noise.matching import Matcher, all_match
from dyntables.alerts.noise.people import Escalation

DASHBOARD = "dashboard"
"""The channel that every installation has."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a group is told: first, when something of it has changed, and again while nothing has."""

    wait: timedelta = timedelta(seconds=30)
    interval: timedelta = timedelta(minutes=5)
    repeat: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Route:
    """A node of the tree; what it does not say it has from the one above.

    ``goes_on``: the routes after it are asked, too (``continue``).
    """

    name: str
    channel: str | None = None
    matchers: tuple[Matcher, ...] = ()
    group_by: tuple[str, ...] | None = None
    pace: Pace | None = None
    escalation: Escalation | None = None
    mutes: tuple[str, ...] = ()
    goes_on: bool = False
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an alert goes: channel and group, at which pace, and the names of the routes on the way (``path``).

    ``escalation``: who is told beside the channel if nobody acknowledges.
    """

    path: tuple[str, ...]
    channel: str
    group_by: tuple[str, ...]
    pace: Pace
    mutes: tuple[str, ...] = ()
    escalation: Escalation | None = None

    def escalated_to(self, channel: str) -> Destination:
        """Return it for the channel of a level, which is told without waiting for others."""
        return replace(self, channel=channel, pace=replace(self.pace, wait=timedelta()))

    def group_of(self, labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Return the labels that the alerts of one group share."""
        return tuple((label, labels.get(label, "")) for label in self.group_by)


DEFAULT = Route("default", DASHBOARD, group_by=("rule",), pace=Pace())


def destinations(root: Route, labels: Mapping[str, str], channels: tuple[str, ...] = ()) -> tuple[Destination, ...]:
    """Return where an alert goes: what the tree says, and channels that its rule names, each once."""
    top = Destination((), DASHBOARD, ("rule",), Pace())
    found = _descend(root, labels, top)
    seen = {d.channel for d in found}
    base = _inherit(root, top)
    named = [
        Destination(("rule",), c, base.group_by, base.pace, escalation=base.escalation)
        for c in channels
        if c not in seen
    ]
    return (*found, *named)


def channels_of(route: Route) -> set[str]:
    """Return every channel that a tree names, those of escalations too."""
    own = {route.channel} if route.channel is not None else set()
    own |= {level.channel for level in (route.escalation.levels if route.escalation is not None else ())}
    return own.union(*(channels_of(child) for child in route.routes))


def _descend(route: Route, labels: Mapping[str, str], above: Destination) -> list[Destination]:
    here = _inherit(route, above)
    found: list[Destination] = []
    for child in route.routes:
        if all_match(child.matchers, labels):
            found += _descend(child, labels, here)
            if not child.goes_on:
                break
    return found or [here]


def _inherit(route: Route, above: Destination) -> Destination:
    return Destination(
        (*above.path, route.name),
        route.channel or above.channel,
        route.group_by if route.group_by is not None else above.group_by,
        route.pace or above.pace,
        (*above.mutes, *route.mutes),
        route.escalation if route.escalation is not None else above.escalation,
    )
