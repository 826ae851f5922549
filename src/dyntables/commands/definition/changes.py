"""What CREATE OR ALTER would change about a table, and what each change means for its contents; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dyntables.catalog.definition import Definition
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.region import Region
from dyntables.commands.definition.columns import ColumnPlan
from dyntables.compiler.statements import TargetLag
from dyntables.engines.postgres.connection.settings import TIME_ZONE


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


def differences(table: DynamicTable, new: Definition, columns: ColumnPlan) -> list[Change]:
    """Return every difference between a table and the row that it would have."""
    return [
        *_definition(table, new),
        *_meaning(table, new),
        *_region(table, new),
        *_columns(columns),
        *_settings(table, new),
    ]


def computes_anew(changes: list[Change]) -> bool:
    """Tell whether the contents have to be computed anew."""
    return any(change.effect is Effect.REINITIALIZED for change in changes)


def _definition(table: DynamicTable, new: Definition) -> list[Change]:
    found = []
    if new.canonical != table.canonical:
        why = "the old contents can be read until then"
        found.append(Change("query", table.query, new.query, Effect.REINITIALIZED, why))
    elif new.query != table.query:
        found.append(Change("query", table.query, new.query, Effect.KEPT, "it means the same"))
    if new.effective_mode != table.effective_mode:
        modes = (
            f"{table.refresh_mode} ({table.effective_mode})",
            f"{new.refresh_mode} ({new.effective_mode})",
        )
        found.append(Change("REFRESH_MODE", *modes, Effect.REINITIALIZED, "each way of refreshing has its own storage"))
    elif new.refresh_mode != table.refresh_mode:
        why = f"it is refreshed {table.effective_mode} as before"
        found.append(Change("REFRESH_MODE", table.refresh_mode, new.refresh_mode, Effect.KEPT, why))
    return found


def _meaning(table: DynamicTable, new: Definition) -> list[Change]:
    """Return the settings under which values are read and printed otherwise than before."""
    under = {**new.settings, TIME_ZONE: new.time_zone}
    why = "what it reads and prints depends on it"
    return [
        Change(name.upper(), before, under[name], Effect.REINITIALIZED, why)
        for name, before in table.all_settings.items()
        if name in under and under[name] != before
    ]


def _region(table: DynamicTable, new: Definition) -> list[Change]:
    was, now = table.options.frozen, new.options.frozen
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


def _settings(table: DynamicTable, new: Definition) -> list[Change]:
    pairs = [
        ("TARGET_LAG", str(TargetLag(table.target_lag_seconds)), str(TargetLag(new.target_lag_seconds))),
        ("SCHEDULER", _scheduler(table.scheduled), _scheduler(new.scheduled)),
        ("COMMENT", table.comment, new.comment),
    ]
    old, options = table.options, new.options
    pairs += [(name, _text(getattr(old, key)), _text(getattr(options, key))) for key, name in _OPTIONS.items()]
    for was, now in ((old.limits, options.limits), (old.ignored, options.ignored)):
        pairs += [(name, was.get(name), now.get(name)) for name in sorted({*was, *now})]
    found = [Change(what, was, now, Effect.KEPT, "metadata") for what, was, now in pairs if was != now]
    if old.cluster_by != options.cluster_by:
        before, after = (", ".join(o.cluster_by) or None for o in (old, options))
        found.append(Change("CLUSTER BY", before, after, Effect.KEPT, "the next storage that is built has it"))
    return found


def _scheduler(scheduled: bool) -> str:
    return "ENABLE" if scheduled else "DISABLE"


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
