"""A dynamic table from its row of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dyntables.catalog.model import DynamicTable
from dyntables.catalog.options import TableOptions
from dyntables.catalog.parts.contents import Basis, Contents, Look
from dyntables.catalog.parts.definition import Definition, EffectiveMode
from dyntables.catalog.parts.dependency import Dependency
from dyntables.catalog.parts.health import Health
from dyntables.catalog.parts.schedule import Schedule, SchedulingState, SuspendReason
from dyntables.compiler.statements import Initialize, RefreshMode

# A view that somebody has dropped by hand counts as none.
COLUMNS = (
    "id, schema_name AS schema, table_name AS name, "
    "(SELECT c.oid FROM pg_class c WHERE c.oid = view_oid) AS view_oid, owner_name AS owner, version, generation, "
    "query, canonical, search_path, time_zone, target_lag_seconds, refresh_mode, effective_mode, mode_reasons, "
    "initialize, scheduled, options, comment, scheduling_state, suspend_reason, fingerprint, layout, "
    "frontier::text AS frontier, consumed, "
    "change_version, data_timestamp, reinitialize_reason, system_identifier, consecutive_failures, retry_at, "
    "expected_seconds, costs, created_at, frozen, quarantine, code, settings, "
    "dyntables.looked_at(id, data_timestamp, system_identifier) AS looked_at, "
    "(SELECT s.stamp FROM dyntables.definition_names s WHERE s.dynamic_table_id = id) AS stamp"
)


def table_of(row: Mapping[str, Any], dependencies: tuple[Dependency, ...]) -> DynamicTable:
    """Return the table of a row that has COLUMNS, with what it reads."""
    return DynamicTable(
        id=row["id"],
        schema=row["schema"],
        name=row["name"],
        view_oid=row["view_oid"],
        owner=row["owner"],
        comment=row["comment"],
        created_at=row["created_at"],
        dependencies=dependencies,
        definition=_definition(row),
        schedule=_schedule(row),
        contents=_contents(row),
        health=Health(row["consecutive_failures"], row["retry_at"], row["expected_seconds"], row["costs"]),
    )


def _definition(row: Mapping[str, Any]) -> Definition:
    return Definition(
        query=row["query"],
        canonical=row["canonical"],
        search_path=row["search_path"],
        time_zone=row["time_zone"],
        settings=row["settings"],
        refresh_mode=RefreshMode(row["refresh_mode"]),
        effective_mode=EffectiveMode(row["effective_mode"]),
        mode_reasons=row["mode_reasons"],
        initialize=Initialize(row["initialize"]),
        options=TableOptions.load(row["options"]),
        version=row["version"],
        stamp=row["stamp"],
    )


def _schedule(row: Mapping[str, Any]) -> Schedule:
    reason = row["suspend_reason"]
    return Schedule(
        target_lag_seconds=row["target_lag_seconds"],
        scheduled=row["scheduled"],
        scheduling_state=SchedulingState(row["scheduling_state"]),
        suspend_reason=SuspendReason(reason) if reason is not None else None,
    )


def _contents(row: Mapping[str, Any]) -> Contents:
    return Contents(
        generation=row["generation"],
        layout=row["layout"],
        basis=Basis(row["fingerprint"], row["code"]),
        frontier=row["frontier"],
        consumed=row["consumed"],
        change_version=row["change_version"],
        data_timestamp=row["data_timestamp"],
        reinitialize_reason=row["reinitialize_reason"],
        system_identifier=row["system_identifier"],
        frozen=row["frozen"],
        quarantine=row["quarantine"],
        look=Look(row["looked_at"]) if row["looked_at"] is not None else None,
    )
