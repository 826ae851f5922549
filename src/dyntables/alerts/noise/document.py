"""The routing tree as people write it, in YAML or JSON: read with the place of what is wrong, and written back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dyntables.alerts.noise.matching import parse_matcher
from dyntables.alerts.noise.people import MOST_LEVELS, Escalation, Level
from dyntables.alerts.noise.routing import DEFAULT, Pace, Route
from dyntables.alerts.noise.silencing import MuteTiming
from dyntables.errors import InvalidOptionError

_DEEPEST = 8
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ROUTE = {
    "name", "channel", "matchers", "group_by", "group_wait", "group_interval", "repeat_interval", "mute_timings",
    "continue", "routes", "escalation",
}  # fmt: skip
_MUTE = {"begins", "ends", "weekdays", "time_zone"}


@dataclass(frozen=True, slots=True)
class Routing:
    """The tree, and the mute timings that it names."""

    root: Route = DEFAULT
    mutes: Mapping[str, MuteTiming] = field(default_factory=dict)


def read_routing(document: Mapping[str, object] | None) -> Routing:
    """Read a tree: ``route`` and ``mute_timings``; None is the default one.

    Raises:
        InvalidOptionError: with the place of what is wrong.
    """
    if document is None:
        return Routing()
    given = _mapping(document.get("mute_timings", {}), "mute_timings")
    mutes = {name: _mute(str(name), value, f"mute_timings.{name}") for name, value in given.items()}
    root = _route(document.get("route", {}), "route", mutes, Pace())
    if root.matchers:
        raise _wrong("route", "the root has every alert, and no matchers")
    return Routing(root, mutes)


def _route(given: object, place: str, mutes: Mapping[str, MuteTiming], above: Pace) -> Route:
    if place.count(".") > _DEEPEST:
        raise _wrong(place, f"routes are at most {_DEEPEST} deep")
    found = _known(_mapping(given, place), _ROUTE, place)
    pace = Pace(
        _seconds(found.get("group_wait"), f"{place}.group_wait", above.wait),
        _seconds(found.get("group_interval"), f"{place}.group_interval", above.interval),
        _seconds(found.get("repeat_interval"), f"{place}.repeat_interval", above.repeat),
    )
    named = _texts(found.get("mute_timings", []), f"{place}.mute_timings")
    for name in named:
        if name not in mutes:
            raise _wrong(f"{place}.mute_timings", f'there is no mute timing "{name}"')
    children = _sequence(found.get("routes", []), f"{place}.routes")
    channel, group_by = found.get("channel"), found.get("group_by")
    return Route(
        name=str(found.get("name", place)),
        channel=str(channel) if channel is not None else None,
        matchers=tuple(parse_matcher(m) for m in _texts(found.get("matchers", []), f"{place}.matchers")),
        group_by=_texts(group_by, f"{place}.group_by") if group_by is not None else None,
        pace=pace,
        escalation=_escalation(found["escalation"], f"{place}.escalation") if "escalation" in found else None,
        mutes=named,
        goes_on=found.get("continue") is True,
        routes=tuple(_route(child, f"{place}.routes[{i}]", mutes, pace) for i, child in enumerate(children)),
    )


def _escalation(given: object, place: str) -> Escalation:
    levels = _sequence(given, place)
    if len(levels) > MOST_LEVELS:
        raise _wrong(place, f"it has at most {MOST_LEVELS} levels")
    found = []
    for i, level in enumerate(levels):
        here = f"{place}[{i}]"
        values = _known(_mapping(level, here), {"channel", "after"}, here)
        if not isinstance(values.get("channel"), str) or values.get("after") is None:
            raise _wrong(here, "it has a channel, and after how many seconds that is told")
        found.append(Level(str(values["channel"]), _seconds(values["after"], f"{here}.after", timedelta())))
    return Escalation(tuple(found))


def _mute(name: str, given: object, place: str) -> MuteTiming:
    found = _known(_mapping(given, place), _MUTE, place)
    days = [day.lower() for day in _texts(found.get("weekdays", []), f"{place}.weekdays")]
    zone = str(found.get("time_zone", "UTC"))
    try:
        ZoneInfo(zone)
        weekdays = frozenset(_DAYS.index(day) for day in days)
        begins, ends = time.fromisoformat(str(found["begins"])), time.fromisoformat(str(found["ends"]))
    except (ValueError, KeyError, ZoneInfoNotFoundError) as error:
        raise _wrong(
            place, f"it needs begins and ends such as 22:00, days in full, and a known time zone ({error})"
        ) from None
    return MuteTiming(name, begins, ends, weekdays, zone)


def _seconds(given: object, place: str, otherwise: timedelta) -> timedelta:
    if given is None:
        return otherwise
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 86400 * 366:
        raise _wrong(place, "it is a number of seconds, at most a year")
    return timedelta(seconds=given)


def _mapping(given: object, place: str) -> Mapping[str, object]:
    if not isinstance(given, Mapping):
        raise _wrong(place, "it is a mapping")
    return given


def _sequence(given: object, place: str) -> Sequence[object]:
    if not isinstance(given, list | tuple):
        raise _wrong(place, "it is a list")
    return given


def _texts(given: object, place: str) -> tuple[str, ...]:
    return tuple(str(item) for item in _sequence(given, place))


def _known(given: Mapping[str, object], names: set[str], place: str) -> Mapping[str, object]:
    unknown = sorted(set(given) - names)
    if unknown:
        raise _wrong(place, f'"{unknown[0]}" is unknown; it has {", ".join(sorted(names))}')
    return given


def _wrong(place: str, why: str) -> InvalidOptionError:
    return InvalidOptionError(f"the routing tree is wrong at {place}: {why}")
