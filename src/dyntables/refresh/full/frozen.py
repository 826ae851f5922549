"""The frozen rows of a dynamic table: kept in a table of their own, beside the storage of what is maintained.

At a refresh the rows that the boundary has passed move from there, as the last refresh left them. Then the refresh does
to the rest what it does to any table. The catalog remembers where the frozen rows are, by which predicate, up to which
boundaries, and how the rest is read; it fits if it is of the generation of storage in use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dyntables.catalog.model import DynamicTable, frozen_name
from dyntables.catalog.state import contents
from dyntables.compiler.names import all_of, quote_qualified
from dyntables.engines.port import FrozenRows
from dyntables.errors import RefreshError
from dyntables.refresh.quality.splitting import all_rows, present_split
from dyntables.refresh.run import Run
from dyntables.refresh.sources.definitions import Reading


def in_force(table: DynamicTable) -> bool:
    """Tell whether the frozen rows are those of the region that is asked for, beside the present storage."""
    region, state = table.region, table.contents.frozen
    if region is None or not state or table.contents.data_timestamp is None:
        return False
    return state.get("generation") == table.contents.generation and state.get("predicate") == region.predicate


def freeze(run: Run, table: DynamicTable) -> tuple[DynamicTable, int]:
    """Move the rows that the boundary has passed, as they are; return the table with what is frozen now, and how many.

    Raises:
        RefreshError: the boundary moved back, because the clock did.
    """
    region = table.region
    if region is None or not region.boundaries or not in_force(table) or _is_replaced(table):
        return table, 0
    workspace, storage = run.workspace(table), table.contents.frozen["storage"]
    values = workspace.frozen.boundaries(region.boundaries)
    if values == table.contents.frozen["boundaries"]:
        return table, 0
    _check_forward(workspace.frozen, table, values)
    inside = region.inside(table.contents.frozen["active"])
    run.progress.step("freeze", inside)
    count, delta = workspace.frozen.move(f"dt{table.id}_frozen", inside, storage)
    if count and run.has_readers(table.id):
        names = {c.id: quote_qualified(c.id) for c in workspace.storage.columns(storage)}
        split = present_split(table)
        published = split.passing(delta) if split is not None else delta
        workspace.deltas.log(table.change_log, table.contents.change_version + 1, names, published)
    state = {**table.contents.frozen, "boundaries": values, "rows": table.contents.frozen["rows"] + count}
    contents.record_frozen(run.connection, table.id, state)
    return table.with_frozen(state), count


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a rebuild shows beside what it computes; ``kept``: the frozen rows are those that are shown already."""

    state: dict[str, Any]
    kept: bool

    @property
    def added(self) -> int:
        """The rows that were not shown before."""
        return 0 if self.kept else int(self.state.get("rows", 0))

    @property
    def shown(self) -> str:
        """What is added to the query of the user's view."""
        return f" UNION ALL {all_of(self.state['storage'])}" if self.state else ""


def before_rebuild(run: Run, table: DynamicTable) -> DynamicTable:
    """Return the table with its boundaries at the present time, which the rebuild takes for constants."""
    region = table.region
    start = [] if region is None else run.workspace(table).frozen.boundaries(region.boundaries)
    return table.with_frozen({**table.contents.frozen, "start": start}) if table.contents.frozen or start else table


def frozen_rows(run: Run, table: DynamicTable, reading: Reading) -> Frozen:
    """Provide the frozen rows of a table that is built anew: those it has, those of its contents, or the first ones."""
    region = table.region
    if region is None:
        return Frozen({}, kept=not table.contents.frozen)
    columns = tuple((name, type_.name) for name, type_ in reading.described.view.columns)
    if in_force(table) and not _is_replaced(table):
        return Frozen(_retyped(run, table, columns), kept=True)
    first = _is_replaced(table) or table.contents.data_timestamp is None
    names = [name for name, _ in columns]
    source = region.first_rows(table.definition.canonical, names) if first else region.inside(all_of(all_rows(table)))
    storage = frozen_name(table.id, table.contents.generation + 1)
    run.progress.step("freeze", source)
    frozen = run.workspace(table).frozen
    rows = frozen.create(storage, source, columns)
    state = {"storage": storage, "rows": rows, "boundaries": frozen.boundaries(region.boundaries)}
    return Frozen(state, kept=False)


def record_frozen(run: Run, table: DynamicTable, frozen: Frozen, active: str, generation: int) -> None:
    """Remember what is frozen beside the storage of a generation, of which ``active`` reads the visible rows."""
    region = table.region
    if region is None:
        if table.contents.frozen:
            contents.record_frozen(run.connection, table.id, {})
        return
    start = table.contents.frozen.get("start", [])
    more = {"active": active, "generation": generation, "start": start}
    written = {"where": region.where, "predicate": region.predicate}
    contents.record_frozen(run.connection, table.id, {**frozen.state, **written, **more})


def _is_replaced(table: DynamicTable) -> bool:
    """Tell whether the contents are of another definition, that CREATE OR REPLACE replaced."""
    return table.contents.reinitialize_reason == "DEFINITION_CHANGED"


def _check_forward(frozen: FrozenRows, table: DynamicTable, values: list[str]) -> None:
    if not frozen.not_before(values, table.contents.frozen["boundaries"]):
        raise RefreshError(
            f'the boundary of the frozen region of "{table.qualified}" has moved back: the clock or its time zone did',
            detail=f"It was {', '.join(table.contents.frozen['boundaries'])}, and is {', '.join(values)}.",
            hint="The table keeps its contents, and is refreshed again when the time has come back to where it was.",
        )


def _retyped(run: Run, table: DynamicTable, columns: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Return the state with the frozen rows in the types that the definition has now."""
    state = {k: table.contents.frozen[k] for k in ("storage", "rows", "boundaries")}
    workspace = run.workspace(table)
    present = tuple((c.id, c.type.name) for c in workspace.storage.columns(state["storage"]))
    if present == columns:
        return state
    storage = frozen_name(table.id, table.contents.generation + 1)
    workspace.frozen.create(storage, all_of(state["storage"]), columns)
    return {**state, "storage": storage}
