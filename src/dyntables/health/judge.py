"""Judge a table: a pure function of what is known of it at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dyntables.catalog.model import DynamicTable
from dyntables.catalog.parts.schedule import SuspendReason
from dyntables.catalog.quality.results import Standing
from dyntables.health.lag import is_late, lag_at
from dyntables.health.quality import TableQuality

_FAR = 2
_MOMENT = 2.0
_FAILED = ("FAILED", "UPSTREAM_FAILED")


class Health(StrEnum):
    """The worst of what is known of a table, from best to worst."""

    HEALTHY = "HEALTHY"
    UNKNOWN = "UNKNOWN"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"


class Status(StrEnum):
    """What a table is, in one word."""

    FRESH = "FRESH"
    LATE = "LATE"
    FAILING = "FAILING"
    SUSPENDED = "SUSPENDED"
    NOT_INITIALIZED = "NOT_INITIALIZED"


_ORDER = list(Health)


@dataclass(frozen=True, slots=True)
class Ended:
    """How the newest refresh of a table ended."""

    state: str
    message: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """For how long a refresh has been at work, and the session at the end of the chain that it waits for."""

    seconds: float
    process_id: int
    who: str
    state: str | None
    query: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a table; ``target`` is the lag that it may have for its own sake or its readers'."""

    lag: float | None
    target: float | None
    scheduling_state: str
    suspend_reason: str | None
    failures: int
    refreshes_by_itself: bool
    last: Ended | None
    held: Held | None
    quality: Standing | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """One observation that a table's health follows from."""

    aspect: str
    health: Health
    message: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a table is, its health as the worst of all causes, and the causes."""

    status: Status
    health: Health
    causes: tuple[Cause, ...]


def known_of(
    table: DynamicTable,
    now: datetime,
    target: float | None,
    last: Ended | None = None,
    held: Held | None = None,
    quality: Standing | None = None,
) -> Known:
    """Return what is known of a table that the catalog has."""
    return Known(
        lag=lag_at(table.fresh_at, now),
        target=target,
        scheduling_state=table.schedule.scheduling_state,
        suspend_reason=table.schedule.suspend_reason,
        failures=table.health.consecutive_failures,
        refreshes_by_itself=target is not None or not table.schedule.scheduled or table.cron is not None,
        last=last,
        held=held,
        quality=quality,
    )


def judge(known: Known) -> Judgement:
    """Return what is to be said of a table."""
    observed = (_lock(known.held), _refresh(known), _freshness(known), _schedule(known), _quality(known.quality))
    causes = tuple(c for c in observed if c)
    health = max((c.health for c in causes), key=_ORDER.index, default=Health.HEALTHY)
    return Judgement(_status(known), health, causes)


def _status(known: Known) -> Status:
    if known.scheduling_state == "SUSPENDED" and known.suspend_reason != SuspendReason.ERRORS:
        return Status.SUSPENDED
    if known.failures or (known.last is not None and known.last.state in _FAILED):
        return Status.FAILING
    if known.lag is None:
        return Status.NOT_INITIALIZED
    return Status.LATE if is_late(known.lag, known.target) else Status.FRESH


def _lock(held: Held | None) -> Cause | None:
    if held is None or held.seconds < _MOMENT:
        return None
    query = f": {held.query}" if held.query else ""
    message = f"its refresh waits for a lock of session {held.process_id} ({held.who}), {held.state}{query}"
    return Cause("lock", Health.WARNING, message)


def _refresh(known: Known) -> Cause | None:
    last = known.last
    if last is None or last.state not in _FAILED:
        return None
    health = Health.CRITICAL if last.state == "FAILED" else Health.WARNING
    times = f" ({known.failures} times in a row)" if known.failures > 1 else ""
    return Cause("refresh", health, f"the last refresh failed{times}: {last.message or 'no message'}")


def _freshness(known: Known) -> Cause | None:
    lag, target = known.lag, known.target
    if lag is None:
        return Cause("freshness", Health.UNKNOWN, "it has no contents yet")
    if target is None or not is_late(lag, target):
        return None
    health = Health.CRITICAL if lag > _FAR * target else Health.WARNING
    return Cause("freshness", health, f"{span(lag)} old; its target lag is {span(target)}")


def _schedule(known: Known) -> Cause | None:
    if known.scheduling_state == "SUSPENDED":
        why = (known.suspend_reason or "").lower().replace("_", " ")
        return Cause("schedule", Health.WARNING, f"it is suspended ({why})")
    if not known.refreshes_by_itself:
        message = "its target lag is DOWNSTREAM, and no table with a target lag reads it: it never refreshes"
        return Cause("schedule", Health.WARNING, message)
    return None


def _quality(found: Standing | None) -> Cause | None:
    """Judge the rows by the newest check of the rules; what is not known is no pass."""
    if found is None or found.health == TableQuality.HEALTHY:
        return None
    if found.score is None:
        rules = "1 quality rule has" if found.rules == 1 else f"{found.rules} quality rules have"
        return Cause("quality", Health.UNKNOWN, f"{rules} not been evaluated yet")
    health = Health.CRITICAL if found.health == TableQuality.ERROR else Health.WARNING
    verb = "fails" if found.failing == 1 else "fail"
    message = f"{found.failing} of {found.active} quality rules {verb}; its quality score is {found.score:.3g}"
    return Cause("quality", health, message)


def span(seconds: float) -> str:
    """Return a duration for people."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
