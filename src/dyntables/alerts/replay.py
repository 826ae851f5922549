"""A rule over what has been: when it would have fired, and the measure that it would have seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dyntables.alerts.condition import TableCondition
from dyntables.alerts.evaluate import look, threshold_of
from dyntables.alerts.model import Direction, Rule, Standing, State
from dyntables.alerts.registry import condition_of
from dyntables.alerts.seen import Figures, LastRefresh, Seen

_MOST_POINTS = 400
# When a measure crosses its threshold it is not beyond it yet.
_AFTER = timedelta(milliseconds=1)
_USUAL_OF = 100
_LEAST_USUAL = 10


@dataclass(frozen=True, slots=True)
class Ended:
    """A refresh of the past; several in a row that found nothing are one, from ``first_at`` until ``at``.

    ``before`` and ``after``: as of when the contents were. ``lag``: the longest, in seconds, before it ended.
    ``grown``: rows inserted less rows deleted.
    """

    at: datetime
    first_at: datetime | None
    last: LastRefresh
    before: datetime | None
    after: datetime | None
    lag: float | None
    grown: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a table's past; ``looked_at``: when it was last found to be fresh, which no refresh tells.

    ``checks``: how many quality rules failed, from an instant on. ``rows``: in the table now.
    """

    ended: Sequence[Ended]
    looked_at: datetime | None = None
    checks: Sequence[tuple[datetime, int]] = ()
    rows: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A measure at an instant."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Fired:
    """For how long the alert would have fired; ``end``: None if it still does."""

    begin: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a rule would have seen of a table, and when it would have fired."""

    points: tuple[Point, ...]
    fired: tuple[Fired, ...]


def replay(rule: Rule, seen: Seen, past: Past, end: datetime) -> Replayed:
    """Let a rule look at a table's past, as it looks at the present.

    Args:
        rule: of a table's condition.
        seen: the table as it is now.
        past: what is known of it.
        end: the last instant.
    """
    walk = _Walk(rule)
    for at, then in looks(seen, past):
        walk.to(at, then)
    walk.finish(end)
    return Replayed(_thin(walk.points, threshold_of(rule).direction), tuple(walk.fired))


def looks(seen: Seen, past: Past) -> Iterable[tuple[datetime, Seen]]:
    """Yield a table as it was, whenever something happened to it, in order of time."""
    steps = sorted([*_refreshes(seen, past), *_checks(past)], key=lambda step: step[0])
    now = replace(seen, failures=0, last=None, figures=Figures(), fresh_at=None)
    for at, changes in steps:
        figures = {k: v for k, v in changes.items() if k in Figures.__dataclass_fields__}
        rest = {k: v for k, v in changes.items() if k not in figures}
        now = replace(now, **rest, figures=replace(now.figures, **figures))  # type: ignore[arg-type]
        yield at, now


def _refreshes(seen: Seen, past: Past) -> Iterable[tuple[datetime, dict[str, object]]]:
    durations: list[float] = []
    counts = _counts(past)
    failures = 0
    for number, ended in enumerate(past.ended):
        last = ended.last
        if last.state == "FAILED":
            failures += 1
        elif last.state == "SUCCEEDED":
            failures = 0
        usual = _usual(durations)
        rows, before = counts[number]
        change: dict[str, object] = {
            "failures": failures, "last": last, "usual_ms": usual, "rows": rows, "usual_rows": before,
        }  # fmt: skip
        if ended.after is not None and last.state == "SUCCEEDED":
            if ended.first_at is not None and ended.first_at < ended.at:
                # In between it was looked at again and again, and was never older than that.
                highest = ended.at - timedelta(seconds=ended.lag or 0.0)
                yield ended.first_at, {**change, "fresh_at": highest}
            yield ended.at, {**change, "fresh_at": ended.after}
        else:
            yield ended.at, change
        if last.state == "SUCCEEDED" and last.action != "NO_DATA":
            durations = [*durations[-_USUAL_OF + 1 :], last.duration_ms]
    newest = past.ended[-1].at if past.ended else None
    if past.looked_at is not None and (newest is None or past.looked_at > newest):
        if newest is not None:
            yield newest, {"fresh_at": past.looked_at}
        yield past.looked_at, {"fresh_at": past.looked_at}


def _checks(past: Past) -> Iterable[tuple[datetime, dict[str, object]]]:
    for at, failed in past.checks:
        yield at, {"quality_failed": failed}


def _usual(durations: Sequence[float]) -> float | None:
    if len(durations) < _LEAST_USUAL:
        return None
    ordered = sorted(durations)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def _counts(past: Past) -> list[tuple[float | None, float | None]]:
    """Return the rows after each refresh, and a day before; None from where a table was computed anew."""
    found: list[tuple[float | None, float | None]] = [(None, None)] * len(past.ended)
    rows = past.rows
    at: list[float | None] = [None] * len(past.ended)
    for i in range(len(past.ended) - 1, -1, -1):
        at[i] = rows
        if past.ended[i].last.action in ("FULL", "REINITIALIZE"):
            rows = None
        rows = rows - past.ended[i].grown if rows is not None else None
    oldest = 0
    for i, ended in enumerate(past.ended):
        while past.ended[oldest].at < ended.at - timedelta(days=1):
            oldest += 1
        before = at[oldest - 1] if oldest > 0 else None
        found[i] = (at[i], before)
    return found


class _Walk:
    """Goes through looks with the state machine."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._standing = Standing()
        self._seen: Seen | None = None
        self._due: datetime | None = None
        self.points: list[Point] = []
        self.fired: list[Fired] = []

    def to(self, at: datetime, seen: Seen) -> None:
        """Come to an instant, at which a table changes."""
        self.finish(at)
        self._seen = seen
        self._look(at)

    def finish(self, at: datetime) -> None:
        """Come to an instant, at which nothing changes."""
        while self._seen is not None and self._due is not None and self._due + _AFTER < at:
            self._look(self._due + _AFTER)
        if self._seen is not None:
            self._note(at)

    def _look(self, at: datetime) -> None:
        assert self._seen is not None
        looked = look(self._rule, self._seen, self._standing, at)
        self._standing = looked.stepped.standing
        # What is due now again would be so for ever.
        self._due = looked.again_at if looked.again_at is not None and looked.again_at > at else None
        self._note(at)
        change = looked.stepped.transition
        if change is not None and change.after is State.FIRING:
            self.fired.append(Fired(at, None))
        elif change is not None and change.before is State.FIRING:
            self.fired[-1] = replace(self.fired[-1], end=at)

    def _note(self, at: datetime) -> None:
        condition = condition_of(self._rule.kind)
        if isinstance(condition, TableCondition) and self._seen is not None:
            reading = condition.measure(self._seen, at)
            if reading is not None:
                self.points.append(Point(at, reading.value))


def _thin(points: Sequence[Point], direction: Direction) -> tuple[Point, ...]:
    """Keep the worst and the last point of each slot of time."""
    if len(points) <= _MOST_POINTS:
        return tuple(points)
    begin, width = points[0].at, (points[-1].at - points[0].at) / (_MOST_POINTS // 2)
    worst = max if direction is Direction.ABOVE else min
    slots: dict[int, list[Point]] = {}
    for point in points:
        slots.setdefault(int((point.at - begin) / width), []).append(point)
    kept: list[Point] = []
    for slot in slots.values():
        peak = worst(slot, key=lambda p: p.value)
        kept += [peak] if peak is slot[-1] else [peak, slot[-1]]
    return tuple(kept)
