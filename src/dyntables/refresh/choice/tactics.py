"""How to let the server compute a whole query: tactics, and the fastest by what each took; pure.

The planner's estimates on composite keys and large groupings are often far off. So a query that takes long is computed
in each way once, and from then on in the way that was fastest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_WORTH = 1.0  # seconds; what is faster is not experimented with
_WEEK = 7 * 86_400.0
_LITTLE = 3.0
_AT_MOST = 2.0  # times the fastest: a trial is stopped then
_MEMORY = 256 * 2**20
_LEAST_MEMORY = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Tactic:
    """Planner settings for one statement; ``early``: with aggregates moved below joins."""

    name: str
    early: bool
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tried:
    """What each tactic took (seconds) and when it was last used, for one version of a table."""

    version: int
    seen: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def tactics(shared_buffers: int, *, early: bool) -> tuple[Tactic, ...]:
    """Return the tactics for a server with so much shared memory; ``early``: whether the query has such a form."""
    memory = f"{max(_LEAST_MEMORY, min(_MEMORY, shared_buffers // 4)) // 1024}kB"
    hashed = {"work_mem": memory, "enable_nestloop": "off"}
    off = dict.fromkeys(("enable_hashagg", "enable_indexscan"), "off")
    sorted_ = {**hashed, **off, "max_parallel_workers_per_gather": "0"}
    ways = {"HASHED": hashed, "SORTED": sorted_, "PLAIN": {}}
    plain = tuple(Tactic(name, early=False, settings=s) for name, s in ways.items())
    moved = tuple(Tactic(f"EARLY_{name}", early=True, settings=s) for name, s in ways.items()) if early else ()
    return (*moved, *reversed(plain))


def choose_tactic(tried: Tried, ways: tuple[Tactic, ...], now: float) -> tuple[Tactic, float | None]:
    """Return the tactic to use, and after how many seconds to give it up (None: never)."""
    known = {w.name: tried.seen[w.name] for w in ways if w.name in tried.seen}
    if not known:
        return ways[0], None
    best = min(known, key=lambda name: known[name][0])
    seconds = known[best][0]
    limit = max(seconds * _AT_MOST, seconds + _WORTH)
    if seconds >= _WORTH:
        for way in ways:
            stale = way.name in known and now - known[way.name][1] > _WEEK and known[way.name][0] < seconds * _LITTLE
            if way.name not in known or (stale and way.name != best):
                return way, limit
    return next(w for w in ways if w.name == best), None


def learn_tactic(tried: Tried, name: str, seconds: float, now: float) -> Tried:
    """Return what is known after one more use."""
    old = tried.seen.get(name)
    mixed = seconds if old is None or now - old[1] > _WEEK else (old[0] + seconds) / 2
    return Tried(tried.version, {**tried.seen, name: (mixed, now)})


def load_tried(stored: Mapping[str, Any], version: int) -> Tried:
    """Read what ``dump_tried`` wrote; figures of another version of the definition count for nothing."""
    if stored.get("version") != version:
        return Tried(version)
    return Tried(version, {name: (s, at) for name, (s, at) in stored.get("tactics", {}).items()})


def dump_tried(tried: Tried) -> dict[str, Any]:
    """Return it as a JSON document."""
    return {"version": tried.version, "tactics": {name: list(seen) for name, seen in tried.seen.items()}}
