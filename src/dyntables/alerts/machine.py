"""The state machine of one alert: a verdict and an instant in, a standing and maybe a transition out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dyntables.alerts.model import Standing, State, Timing, Verdict


class Reason(StrEnum):
    """Why an alert changed its state."""

    CONDITION_MET = "CONDITION_MET"
    HELD_LONG_ENOUGH = "HELD_LONG_ENOUGH"
    CONDITION_CLEARED = "CONDITION_CLEARED"
    CLEAR_LONG_ENOUGH = "CLEAR_LONG_ENOUGH"
    DATA_MISSING = "DATA_MISSING"
    QUERY_FAILED = "QUERY_FAILED"
    SUBJECT_GONE = "SUBJECT_GONE"
    BY_HAND = "BY_HAND"


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of state."""

    before: State
    after: State
    reason: Reason
    at: datetime


@dataclass(frozen=True, slots=True)
class Stepped:
    """Where an alert stands now, and how it came there if that is new."""

    standing: Standing
    transition: Transition | None = None


def step(standing: Standing, verdict: Verdict, now: datetime, timing: Timing) -> Stepped:
    """Take one look into account.

    A firing alert of which nothing is known any more keeps firing: only what is seen to be clear is resolved.
    """
    known = _not_in_future(standing, now)
    match verdict:
        case Verdict.FIRES:
            return _fires(known, now, timing)
        case Verdict.CLEAR:
            return _clear(known, now, timing)
        case Verdict.NO_DATA:
            return _unknown(known, State.NO_DATA, Reason.DATA_MISSING, now)
        case Verdict.ERROR:
            return _unknown(known, State.ERROR, Reason.QUERY_FAILED, now)


def end(standing: Standing, now: datetime, reason: Reason) -> Stepped:
    """Resolve what fires, and forget what does not: its table or rule is gone, or a person says so (``BY_HAND``).

    What a person has resolved fires again only after its condition was clear.
    """
    if standing.state is State.FIRING:
        stepped = _to(standing, State.RESOLVED, reason, now)
        return replace(stepped, standing=replace(stepped.standing, dismissed=reason is Reason.BY_HAND))
    if standing.state in (State.NORMAL, State.RESOLVED) and not standing.dismissed:
        return Stepped(standing)
    return _to(standing, State.NORMAL, reason, now)


def next_look(standing: Standing, timing: Timing) -> datetime | None:
    """Return when the alert changes its state if what is seen stays the same; None for never."""
    if standing.state is State.PENDING and standing.since is not None:
        return standing.since + timing.pending
    if standing.state is State.FIRING and standing.clear_since is not None:
        return standing.clear_since + timing.keep_firing
    return None


def _not_in_future(standing: Standing, now: datetime) -> Standing:
    """Begin the waits anew that a clock which was set back has put into the future."""
    since = now if standing.since is not None and standing.since > now else standing.since
    clear = now if standing.clear_since is not None and standing.clear_since > now else standing.clear_since
    return replace(standing, since=since, clear_since=clear)


def _fires(standing: Standing, now: datetime, timing: Timing) -> Stepped:
    if standing.dismissed:
        return Stepped(standing)
    if standing.state is State.FIRING:
        return Stepped(replace(standing, clear_since=None))
    if standing.state is State.PENDING and standing.since is not None:
        if now - standing.since < timing.pending:
            return Stepped(standing)
        return _to(standing, State.FIRING, Reason.HELD_LONG_ENOUGH, now)
    after = State.PENDING if timing.pending else State.FIRING
    return _to(standing, after, Reason.CONDITION_MET, now)


def _clear(standing: Standing, now: datetime, timing: Timing) -> Stepped:
    if standing.state is State.FIRING:
        since = standing.clear_since or now
        if now - since < timing.keep_firing:
            return Stepped(replace(standing, clear_since=since))
        reason = Reason.CLEAR_LONG_ENOUGH if timing.keep_firing else Reason.CONDITION_CLEARED
        return _to(standing, State.RESOLVED, reason, now)
    if standing.state in (State.NORMAL, State.RESOLVED) and not standing.dismissed:
        return Stepped(standing)
    return _to(standing, State.NORMAL, Reason.CONDITION_CLEARED, now)


def _unknown(standing: Standing, state: State, reason: Reason, now: datetime) -> Stepped:
    if standing.state in (State.FIRING, state) or standing.dismissed:
        return Stepped(standing)
    return _to(standing, state, reason, now)


def _to(standing: Standing, state: State, reason: Reason, now: datetime) -> Stepped:
    moved = replace(standing, state=state, since=now, clear_since=None, dismissed=False)
    return Stepped(moved, Transition(standing.state, state, reason, now))
