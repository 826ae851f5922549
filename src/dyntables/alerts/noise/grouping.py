"""Groups: when a channel is told of its alerts, and of which. The decision is a value with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dyntables.alerts.noise.routing import Pace


class Telling(StrEnum):
    """Why a group is told, or is not."""

    FIRST = "FIRST"
    CHANGED = "CHANGED"
    RESOLVED = "RESOLVED"
    REPEATED = "REPEATED"
    SEVERAL = "SEVERAL"
    GATHERING = "GATHERING"
    TOO_SOON = "TOO_SOON"
    NOTHING_NEW = "NOTHING_NEW"
    MUTED = "MUTED"
    EMPTY = "EMPTY"


@dataclass(frozen=True, slots=True)
class Member:
    """One alert of a group.

    ``quiet``: silenced or inhibited, and so not told as firing. ``acknowledged``: somebody is at it: no repeats.
    """

    firing: bool
    quiet: bool = False
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """What a channel knows of a group.

    ``opened_at``: since when it has something to tell. ``told_at``: when it was last told. ``told``: the alerts of
    which the channel believes that they fire.
    """

    opened_at: datetime | None = None
    told_at: datetime | None = None
    told: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a group is told now, why, and what; ``again_at``: when to ask again if nothing happens before."""

    telling: Telling
    group: Group
    firing: frozenset[str] = frozenset()
    resolved: frozenset[str] = frozenset()
    again_at: datetime | None = None

    @property
    def tells(self) -> bool:
        """Whether a message goes out."""
        return self.telling in (Telling.FIRST, Telling.CHANGED, Telling.RESOLVED, Telling.REPEATED)


def decide(group: Group, members: Mapping[str, Member], now: datetime, pace: Pace, *, muted: bool = False) -> Decision:
    """Decide what a channel is told of a group now.

    An alert that the channel was told of stays its own until it was told that it is resolved, silenced or not.
    """
    loud = frozenset(f for f, m in members.items() if m.firing and not m.quiet)
    resolved = frozenset(f for f in group.told if f not in members or not members[f].firing)
    fresh = loud - group.told
    known = _in_past(group, now)
    if not (fresh or resolved):
        return _same(known, members, loud, now, pace, muted=muted)
    opened = known.opened_at or now
    known = replace(known, opened_at=opened)
    if muted:
        return Decision(Telling.MUTED, known)
    due = _due(known, opened, pace)
    if now < due:
        telling = Telling.TOO_SOON if known.told_at is not None else Telling.GATHERING
        return Decision(telling, known, again_at=due)
    still = loud | (group.told - resolved)
    telling = _why(known, fresh, still)
    return Decision(telling, Group(None, now, still), still, resolved)


def _same(
    group: Group, members: Mapping[str, Member], loud: frozenset[str], now: datetime, pace: Pace, *, muted: bool
) -> Decision:
    """Decide of a group of which the channel knows everything: it may be reminded."""
    group = replace(group, opened_at=None)
    if not group.told:
        return Decision(Telling.EMPTY, group)
    open_ones = frozenset(f for f in group.told & loud if not members[f].acknowledged)
    if not open_ones or group.told_at is None:
        return Decision(Telling.NOTHING_NEW, group)
    due = group.told_at + max(pace.repeat, pace.interval)
    if now < due:
        return Decision(Telling.NOTHING_NEW, group, again_at=due)
    if muted:
        return Decision(Telling.MUTED, group)
    return Decision(Telling.REPEATED, replace(group, told_at=now), group.told)


def _due(group: Group, opened: datetime, pace: Pace) -> datetime:
    waited = opened + pace.wait
    return waited if group.told_at is None else max(waited, group.told_at + pace.interval)


def _why(group: Group, fresh: frozenset[str], still: frozenset[str]) -> Telling:
    if not still:
        return Telling.RESOLVED
    return Telling.CHANGED if group.told or not fresh else Telling.FIRST


def _in_past(group: Group, now: datetime) -> Group:
    """Begin the waits anew that a clock which was set back has put into the future."""
    opened = min(group.opened_at, now) if group.opened_at is not None else None
    told = min(group.told_at, now) if group.told_at is not None else None
    return replace(group, opened_at=opened, told_at=told)
