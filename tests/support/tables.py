"""Dynamic tables as values, for tests of what is decided about them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from dyntables.catalog.model import DynamicTable
from dyntables.catalog.options import TableOptions
from dyntables.catalog.parts.contents import Basis, Contents
from dyntables.catalog.parts.definition import Definition, EffectiveMode
from dyntables.catalog.parts.dependency import Dependency, DependencyKind
from dyntables.catalog.parts.health import Health
from dyntables.catalog.parts.schedule import Schedule, SchedulingState, SuspendReason
from dyntables.compiler.statements import Initialize, RefreshMode

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LONG_AGO = datetime.fromtimestamp(0, UTC)

_DEFINITION = Definition(
    query="", canonical="", search_path="", time_zone="UTC", settings={}, refresh_mode=RefreshMode.AUTO,
    effective_mode=EffectiveMode.INCREMENTAL, mode_reasons=[], initialize=Initialize.ON_CREATE, options=TableOptions(),
)  # fmt: skip
_CONTENTS = Contents(
    generation=1, layout=None, basis=Basis({}, None), frontier=None, consumed={}, change_version=0,
    data_timestamp=NOW, reinitialize_reason=None, system_identifier=None, frozen={}, quarantine={},
)  # fmt: skip
_PARTS = ("definition", "schedule", "contents", "health")
_WORDS = {
    "refresh_mode": RefreshMode,
    "effective_mode": EffectiveMode,
    "initialize": Initialize,
    "scheduling_state": SchedulingState,
    "suspend_reason": SuspendReason,
}


def table(table_id: int, *, reads: tuple[int, ...] = (), **values: Any) -> DynamicTable:
    """Return a table with these values, and usual ones for the rest; ``reads``: the ids of others."""
    usual = DynamicTable(
        id=table_id, schema="public", name=f"t{table_id}", view_oid=table_id, owner="o", comment=None,
        created_at=LONG_AGO, dependencies=tuple(Dependency(r, DependencyKind.DYNAMIC_TABLE, r, ()) for r in reads),
        definition=_DEFINITION, schedule=Schedule(60, scheduled=True), contents=_CONTENTS, health=Health(0, None, 1.0),
    )  # fmt: skip
    return changed(usual, **values)


def changed(table: DynamicTable, **values: Any) -> DynamicTable:
    """Return a table with other values, each by its own name whichever part of the table has it."""
    left = {name: _WORDS[name](v) if name in _WORDS and v is not None else v for name, v in values.items()}
    parts: dict[str, Any] = {}
    for name in _PARTS:
        part = getattr(table, name)
        own = {f.name: left.pop(f.name) for f in fields(part) if f.name in left}
        parts[name] = replace(part, **own)
    return replace(table, **{**parts, **left})
