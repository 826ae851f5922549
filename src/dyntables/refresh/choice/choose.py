"""The cheaper of an incremental and a full refresh, by what the table's own refreshes took; pure.

What is known of a table is one full refresh, and a few incremental ones by the sources that changed and by how many
rows. Between and beyond these sizes the cost is interpolated; where nothing is known, a changed row is taken to cost so
many times what a row costs in a full refresh. Full is chosen only if it saves time that somebody would notice.

No figure is for ever: figures lose their weight with age, and a full refresh that is chosen again and again on the same
figure makes room for another incremental try, soon if little is at stake or the change is tiny, later if much.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dyntables.catalog.model import Action

_NOTICEABLE = 0.5  # seconds
_MARGIN = 1.3
_FIXED = 0.02  # seconds that a full refresh of any size takes
_ROW_FACTOR = 6.0  # a changed row costs that many times a row of a full refresh, as long as nothing is known
_BUCKET = 4  # changes of sizes within this factor are one observation
_KNOWN_SIZE = 1000  # below it, the time is mostly overhead and says little about larger changes
_TINY = 0.001  # of the rows of all sources
_MUCH = 4.0  # an incremental refresh of so many times the full one is not tried again for a day
_DAY, _WEEK = 86_400.0, 604_800.0
_MOST_TRIES = 64
_MOST_SIGNATURES = 8


@dataclass(frozen=True, slots=True)
class Full:
    """A full refresh: how long it took, how many rows its sources had, and when (seconds of the epoch)."""

    seconds: float
    rows: float
    at: float


@dataclass(frozen=True, slots=True)
class Point:
    """Incremental refreshes of about one size; ``seconds`` is None if none was ever run.

    ``losses``: how often in a row it took longer than a full refresh would have. ``skips``: how often since then a full
    refresh was chosen instead.
    """

    rows: float
    seconds: float | None
    at: float
    losses: int = 0
    skips: int = 0


@dataclass(frozen=True, slots=True)
class Costs:
    """What is known of one version of a table; points by the names of the changed sources, then by size."""

    version: int
    full: Full | None = None
    points: Mapping[str, Mapping[int, Point]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Owed:
    """What a refresh has to do: changed rows by source, the rows of all sources (0 if not looked up), the time."""

    changes: Mapping[str, int]
    source_rows: float
    now: float

    @property
    def rows(self) -> int:
        """The changed rows of all sources."""
        return sum(self.changes.values())

    @property
    def signature(self) -> str:
        """The names of the sources that changed."""
        return ", ".join(sorted(name for name, rows in self.changes.items() if rows))


@dataclass(frozen=True, slots=True)
class Choice:
    """What to do, what both were expected to take (seconds; None if unknown), and why, for people."""

    action: Action
    incremental: float | None
    full: float | None
    why: str


def matters(changes: Mapping[str, int], costs: Costs) -> bool:
    """Tell whether it is worth looking at the sources' sizes at all: not for small changes that were never slow."""
    owed = Owed(changes, 0, 0)
    points = costs.points.get(owed.signature, {})
    slow = any(p.seconds is not None and p.seconds >= _NOTICEABLE for p in points.values())
    return costs.full is not None and (slow or owed.rows >= _KNOWN_SIZE)


def choose(costs: Costs, owed: Owed) -> Choice:
    """Return the cheaper action."""
    full, incremental = full_seconds(costs, owed), incremental_seconds(costs, owed)
    if not matters(owed.changes, costs):
        return Choice(Action.INCREMENTAL, incremental, full, "few changes, and never slow")
    if full is None or incremental is None:
        return Choice(Action.INCREMENTAL, incremental, full, "nothing is known about a full refresh")
    if incremental < _NOTICEABLE or incremental - full < _NOTICEABLE or incremental < full * _MARGIN:
        return Choice(Action.INCREMENTAL, incremental, full, f"{_ms(incremental)} against {_ms(full)} in full")
    point = costs.points.get(owed.signature, {}).get(_bucket(owed.rows))
    if point is not None and _try_again(point, owed, incremental / full):
        why = f"tried again: {point.skips} full refreshes were chosen on figures that may be stale"
        return Choice(Action.INCREMENTAL, incremental, full, why)
    why = f"{_ms(full)} in full against {_ms(incremental)} for {owed.rows:,} changed rows"
    return Choice(Action.FULL, incremental, full, why)


def full_seconds(costs: Costs, owed: Owed) -> float | None:
    """Estimate a full refresh: the last one, by the present size of the sources; after a week it is doubted."""
    if costs.full is None:
        return None
    growth = owed.source_rows / costs.full.rows if costs.full.rows and owed.source_rows else 1.0
    fixed = min(costs.full.seconds, _FIXED)
    weeks = max(0.0, (owed.now - costs.full.at) / _WEEK - 1)
    return (fixed + (costs.full.seconds - fixed) * growth) * max(0.25, math.exp2(-weeks))


def incremental_seconds(costs: Costs, owed: Owed) -> float | None:
    """Estimate an incremental refresh from those of the same sources: below, above, or by a share of a full one."""
    full = full_seconds(costs, owed)
    if full is None or costs.full is None:
        return None
    of_all = max(owed.source_rows or costs.full.rows, 1.0)

    def share_of_full(rows: float) -> float:
        return _ROW_FACTOR * rows / of_all

    known = sorted(
        (p.rows, p.seconds)
        for p in costs.points.get(owed.signature, {}).values()
        if p.seconds is not None and owed.now - p.at < _WEEK
    )
    rows = max(owed.rows, 1)
    below = max((p for p in known if p[0] <= rows), default=None)
    above = min((p for p in known if p[0] > rows), default=None)
    if below is None and above is None:
        return full * share_of_full(rows)
    if below is None:
        assert above is not None
        return above[1] * rows / above[0]
    if above is None:
        rate = below[1] / below[0] if below[0] >= _KNOWN_SIZE else None
        more = rows - below[0]
        return below[1] + (more * rate if rate is not None else full * share_of_full(more))
    between = math.log(rows / below[0]) / math.log(above[0] / below[0])
    return float(below[1] ** (1 - between) * above[1] ** between)


def learn(costs: Costs, owed: Owed, action: Action, seconds: float, *, chosen: bool = False) -> Costs:
    """Return the costs with one more refresh in them; ``chosen``: a full one that was taken for its cost."""
    if action is not Action.INCREMENTAL:
        learned = replace(costs, full=Full(max(seconds, 1e-4), owed.source_rows, owed.now))
        return _put(learned, owed, lambda p: replace(p, skips=p.skips + 1)) if chosen else learned
    full = full_seconds(costs, owed)
    lost = full is not None and seconds > full * _MARGIN and seconds - full > _NOTICEABLE
    return _put(costs, owed, lambda p: _blend(p, owed, seconds, lost=lost))


def load(stored: Mapping[str, Any], version: int) -> Costs:
    """Read what ``dump`` wrote; figures of another version of the definition count for nothing."""
    if stored.get("version") != version:
        return Costs(version)
    full = Full(*stored["full"]) if stored.get("full") else None
    points = {s: {int(b): Point(*p) for b, p in by.items()} for s, by in stored.get("points", {}).items()}
    return Costs(version, full, points)


def dump(costs: Costs) -> dict[str, Any]:
    """Return the costs as a JSON document."""
    full = costs.full
    return {
        "version": costs.version,
        "full": [full.seconds, full.rows, full.at] if full else None,
        "points": {
            signature: {str(b): [p.rows, p.seconds, p.at, p.losses, p.skips] for b, p in by_size.items()}
            for signature, by_size in costs.points.items()
        },
    }


def _try_again(point: Point, owed: Owed, ratio: float) -> bool:
    """Tell whether a full refresh has been chosen long enough on the same figure."""
    if owed.now - point.at >= _DAY:
        return True
    little = ratio < _MUCH or owed.rows <= max(10.0, owed.source_rows * _TINY)
    return little and point.skips >= min(2 ** (point.losses + 1), _MOST_TRIES)


def _blend(point: Point, owed: Owed, seconds: float, *, lost: bool) -> Point:
    """Mix one more refresh into a point, half and half; what was last seen long ago is replaced."""
    stale = point.seconds is None or owed.now - point.at >= _DAY
    old_seconds, old_rows = (seconds, owed.rows) if stale else (point.seconds, point.rows)
    assert old_seconds is not None
    return Point(
        max((old_rows + owed.rows) / 2, 1.0),
        (old_seconds + seconds) / 2,
        owed.now,
        losses=point.losses + 1 if lost else 0,
    )


def _put(costs: Costs, owed: Owed, change: Any) -> Costs:
    """Change the point of one size; the signatures seen last are kept."""
    bucket = _bucket(owed.rows)
    by_size = dict(costs.points.get(owed.signature, {}))
    by_size[bucket] = change(by_size.get(bucket, Point(owed.rows, None, owed.now)))
    others = [(s, b) for s, b in costs.points.items() if s != owed.signature]
    others.sort(key=lambda item: max(p.at for p in item[1].values()))
    return replace(costs, points=dict([*others[1 - _MOST_SIGNATURES :], (owed.signature, by_size)]))


def _bucket(rows: int) -> int:
    return int(math.log(max(rows, 1), _BUCKET) + 1e-9)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
