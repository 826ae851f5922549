"""What CREATE OR ALTER would change about a table, and what each change means for its contents; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dyntables.catalog.model import DynamicTable
from dyntables.catalog.parts.declared import Declared
from dyntables.catalog.parts.definition import Definition
from dyntables.catalog.region import Region
from dyntables.commands.definition.columns import ColumnPlan
from dyntables.compiler.statements import TargetLag


class Effect(StrEnum):
    """What becomes of the contents."""

    KEPT = "DATA KEPT"
    REINITIALIZED = "REINITIALIZED AT THE NEXT REFRESH"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what, how it is, how it would be, what that does to the contents, and why."""

    what: str
    before: str | None
    after: str | None
    effect: Effect
    why: str


_OPTIONS = {
    "schedule": "SCHEDULE",
    "suspend_after": "SUSPEND_AFTER_FAILURES",
    "retention_days": "DATA_RETENTION_TIME_IN_DAYS",
    "dialect": "DIALECT",
    "trust_stable_functions": "TRUST_STABLE_FUNCTIONS",
}


def differences(table: DynamicTable, new: Declared, columns: ColumnPlan) -> list[Change]:
    """Return every difference between a table and what it would be."""
    was, now = table.definition, new.definition
    return [
        *_definition(was, now),
        *_meaning(was, now),
        *_region(was.region, now.region),
        *_columns(columns),
        *_settings(Declared.of(table), new),
    ]


def computes_anew(changes: list[Change]) -> bool:
    """Tell whether the contents have to be computed anew."""
    return any(change.effect is Effect.REINITIALIZED for change in changes)


def _definition(old: Definition, new: Definition) -> list[Change]:
    found = []
    if new.canonical != old.canonical:
        why = "the old contents can be read until then"
        found.append(Change("query", old.query, new.query, Effect.REINITIALIZED, why))
    elif new.query != old.query:
        found.append(Change("query", old.query, new.query, Effect.KEPT, "it means the same"))
    if new.effective_mode is not old.effective_mode:
        modes = (
            f"{old.refresh_mode} ({old.effective_mode})",
            f"{new.refresh_mode} ({new.effective_mode})",
        )
        found.append(Change("REFRESH_MODE", *modes, Effect.REINITIALIZED, "each way of refreshing has its own storage"))
    elif new.refresh_mode is not old.refresh_mode:
        why = f"it is refreshed {old.effective_mode} as before"
        found.append(Change("REFRESH_MODE", str(old.refresh_mode), str(new.refresh_mode), Effect.KEPT, why))
    return found


def _meaning(old: Definition, new: Definition) -> list[Change]:
    """Return the settings under which values are read and printed otherwise than before."""
    under = new.all_settings
    why = "what it reads and prints depends on it"
    return [
        Change(name.upper(), before, under[name], Effect.REINITIALIZED, why)
        for name, before in old.all_settings.items()
        if name in under and under[name] != before
    ]


def _region(was: Region | None, now: Region | None) -> list[Change]:
    if (was and was.predicate) == (now and now.predicate):
        return []
    why = "rows inside stay as they are then, those outside are computed again"
    return [Change("FROZEN WHERE", _where(was), _where(now), Effect.REINITIALIZED, why)]


def _where(region: Region | None) -> str | None:
    return None if region is None else region.where


def _columns(plan: ColumnPlan) -> list[Change]:
    return [
        *(Change(f"column {n}", t, None, Effect.KEPT, "it is not shown any more") for n, t in plan.dropped),
        *(Change(f"column {n}", None, t, Effect.KEPT, "it is NULL until the next refresh") for n, t in plan.added),
        *(Change(f"column {o}", o, n, Effect.KEPT, "renamed; its values stay meanwhile") for o, n in plan.renamed),
    ]


def _settings(before: Declared, after: Declared) -> list[Change]:
    pairs = [
        ("TARGET_LAG", str(TargetLag(before.target_lag_seconds)), str(TargetLag(after.target_lag_seconds))),
        ("SCHEDULER", _scheduler(before.scheduled), _scheduler(after.scheduled)),
        ("COMMENT", before.comment, after.comment),
    ]
    old, options = before.definition.options, after.definition.options
    pairs += [(name, _text(getattr(old, key)), _text(getattr(options, key))) for key, name in _OPTIONS.items()]
    for was, now in ((old.limits, options.limits), (old.ignored, options.ignored)):
        pairs += [(name, was.get(name), now.get(name)) for name in sorted({*was, *now})]
    found = [Change(what, was, now, Effect.KEPT, "metadata") for what, was, now in pairs if was != now]
    if old.cluster_by != options.cluster_by:
        keys, others = (", ".join(o.cluster_by) or None for o in (old, options))
        found.append(Change("CLUSTER BY", keys, others, Effect.KEPT, "the next storage that is built has it"))
    return found


def _scheduler(scheduled: bool) -> str:
    return "ENABLE" if scheduled else "DISABLE"


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
