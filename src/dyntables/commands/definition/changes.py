"""What CREATE OR ALTER would change about a table, and what each change means for its contents; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dyntables.catalog.model import DynamicTable
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


def differences(table: DynamicTable, values: Mapping[str, Any], columns: ColumnPlan) -> list[Change]:
    """Return every difference between a table and the row that it would have."""
    return [
        *_definition(table, values),
        *_meaning(table, values),
        *_region(table, values),
        *_columns(columns),
        *_settings(table, values),
    ]


def computes_anew(changes: list[Change]) -> bool:
    """Tell whether the contents have to be computed anew."""
    return any(change.effect is Effect.REINITIALIZED for change in changes)


def _definition(table: DynamicTable, values: Mapping[str, Any]) -> list[Change]:
    found = []
    if values["canonical"] != table.canonical:
        why = "the old contents can be read until then"
        found.append(Change("query", table.query, values["query"], Effect.REINITIALIZED, why))
    elif values["query"] != table.query:
        found.append(Change("query", table.query, values["query"], Effect.KEPT, "it means the same"))
    if values["effective_mode"] != table.effective_mode:
        modes = (
            f"{table.refresh_mode} ({table.effective_mode})",
            f"{values['refresh_mode']} ({values['effective_mode']})",
        )
        found.append(Change("REFRESH_MODE", *modes, Effect.REINITIALIZED, "each way of refreshing has its own storage"))
    elif values["refresh_mode"] != table.refresh_mode:
        why = f"it is refreshed {table.effective_mode} as before"
        found.append(Change("REFRESH_MODE", table.refresh_mode, values["refresh_mode"], Effect.KEPT, why))
    return found


def _meaning(table: DynamicTable, values: Mapping[str, Any]) -> list[Change]:
    """Return the settings under which values are read and printed otherwise than before."""
    new = {**values["settings"], TIME_ZONE: values["time_zone"]}
    why = "what it reads and prints depends on it"
    return [
        Change(name.upper(), before, new[name], Effect.REINITIALIZED, why)
        for name, before in table.all_settings.items()
        if name in new and new[name] != before
    ]


def _region(table: DynamicTable, values: Mapping[str, Any]) -> list[Change]:
    old, new = table.options.get("frozen") or {}, values["options"].get("frozen") or {}
    if old.get("predicate") == new.get("predicate"):
        return []
    why = "rows inside stay as they are then, those outside are computed again"
    return [Change("FROZEN WHERE", old.get("where"), new.get("where"), Effect.REINITIALIZED, why)]


def _columns(plan: ColumnPlan) -> list[Change]:
    return [
        *(Change(f"column {n}", t, None, Effect.KEPT, "it is not shown any more") for n, t in plan.dropped),
        *(Change(f"column {n}", None, t, Effect.KEPT, "it is NULL until the next refresh") for n, t in plan.added),
        *(Change(f"column {o}", o, n, Effect.KEPT, "renamed; its values stay meanwhile") for o, n in plan.renamed),
    ]


def _settings(table: DynamicTable, values: Mapping[str, Any]) -> list[Change]:
    pairs = [
        ("TARGET_LAG", str(TargetLag(table.target_lag_seconds)), str(TargetLag(values["target_lag_seconds"]))),
        ("SCHEDULER", _scheduler(table.scheduled), _scheduler(values["scheduled"])),
        ("COMMENT", table.comment, values["comment"]),
    ]
    old, new = table.options, values["options"]
    pairs += [(name, _text(old.get(key)), _text(new.get(key))) for key, name in _OPTIONS.items()]
    for group in ("limits", "ignored"):
        was, now = old.get(group, {}), new.get(group, {})
        pairs += [(name, was.get(name), now.get(name)) for name in sorted({*was, *now})]
    found = [Change(what, was, now, Effect.KEPT, "metadata") for what, was, now in pairs if was != now]
    if list(old.get("cluster_by") or ()) != list(new.get("cluster_by") or ()):
        was, now = (", ".join(o.get("cluster_by") or ()) or None for o in (old, new))
        found.append(Change("CLUSTER BY", was, now, Effect.KEPT, "the next storage that is built has it"))
    return found


def _scheduler(scheduled: bool) -> str:
    return "ENABLE" if scheduled else "DISABLE"


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
