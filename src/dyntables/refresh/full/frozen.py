"""The frozen rows of a dynamic table: kept in a table of their own, beside the storage of what is maintained.

At a refresh the rows that the boundary has passed move from there, as the last refresh left them. Then the refresh does
to the rest what it does to any table. The catalog remembers where the frozen rows are, by which predicate, up to which
boundaries, and how the rest is read; it fits if it is of the generation of storage in use.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import WEIGHT, literal, make_staging, quote_qualified
from dyntables.engines.postgres.rights.hands import Hands
from dyntables.engines.postgres.storage.tables import columns_of, log_delta
from dyntables.engines.postgres.storage.views import protect
from dyntables.errors import RefreshError
from dyntables.refresh.sources.definitions import Reading

if TYPE_CHECKING:
    from dyntables.catalog.region import Region
    from dyntables.refresh.result import RefreshResult
    from dyntables.refresh.run import Run


def in_force(table: DynamicTable) -> bool:
    """Tell whether the frozen rows are those of the region that is asked for, beside the present storage."""
    region, state = table.region, table.frozen
    if region is None or not state or table.data_timestamp is None:
        return False
    return state.get("generation") == table.generation and state.get("predicate") == region.predicate


def freeze(run: Run, table: DynamicTable, result: RefreshResult) -> DynamicTable:
    """Move the rows that the boundary has passed, as they are; return the table with what is frozen now.

    Raises:
        RefreshError: the boundary moved back, because the clock did.
    """
    region = table.region
    if region is None or not region.boundaries or not in_force(table) or _is_replaced(table):
        return table
    values = _boundaries(run.hands(table), region)
    if values == table.frozen["boundaries"]:
        return table
    _check_forward(run.hands(table), table, values)
    hands, moved = run.hands(table), f"dt{table.id}_frozen"
    inside = region.inside(table.frozen["active"])
    run.progress.step("freeze", inside)
    count = hands.run(make_staging(hands.staging, moved, inside))
    if count:
        hands.run(f"INSERT INTO {table.frozen['storage']} SELECT * FROM {hands.staging}.{moved}")
        if run.has_readers(table.id):
            names = {c.id: quote_qualified(c.id) for c in columns_of(run.connection, table.frozen["storage"])}
            delta = f"(SELECT *, 1 AS {WEIGHT} FROM {hands.staging}.{moved})"
            log_delta(hands, table.change_log, table.change_version + 1, names, delta)
    result.frozen = count
    return _remember(run, table, {**table.frozen, "boundaries": values, "rows": table.frozen["rows"] + count})


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
        return f" UNION ALL SELECT * FROM {self.state['storage']}" if self.state else ""


def before_rebuild(run: Run, table: DynamicTable) -> DynamicTable:
    """Return the table with its boundaries at the present time, which the rebuild takes for constants."""
    region = table.region
    start = [] if region is None else _boundaries(run.hands(table), region)
    return replace(table, frozen={**table.frozen, "start": start}) if table.frozen or start else table


def frozen_rows(run: Run, table: DynamicTable, reading: Reading, result: RefreshResult) -> Frozen:
    """Provide the frozen rows of a table that is built anew: those it has, those of its contents, or the first ones."""
    region = table.region
    if region is None:
        return Frozen({}, kept=not table.frozen)
    columns = tuple((name, type_.name) for name, type_ in reading.described.view.columns)
    if in_force(table) and not _is_replaced(table):
        return Frozen(_retyped(run, table, columns), kept=True)
    first = _is_replaced(table) or table.data_timestamp is None
    view = quote_qualified(table.schema, table.name)
    source = (
        region.first_rows(table.canonical, [c for c, _ in columns]) if first else region.inside(f"SELECT * FROM {view}")
    )
    storage = _storage(table)
    run.progress.step("freeze", source)
    rows = _create(run.hands(table), storage, source, columns)
    result.frozen = 0
    return Frozen({"storage": storage, "rows": rows, "boundaries": _boundaries(run.hands(table), region)}, kept=False)


def record_frozen(run: Run, table: DynamicTable, frozen: Frozen, active: str, generation: int) -> None:
    """Remember what is frozen beside the storage of a generation, of which ``active`` reads the visible rows."""
    region = table.region
    if region is None:
        if table.frozen:
            store.update(run.connection, table.id, frozen={})
        return
    start = table.frozen.get("start", [])
    more = {"active": active, "generation": generation, "start": start}
    written = {"where": region.where, "predicate": region.predicate}
    store.update(run.connection, table.id, frozen={**frozen.state, **written, **more})


def _is_replaced(table: DynamicTable) -> bool:
    """Tell whether the contents are of another definition, that CREATE OR REPLACE replaced."""
    return table.reinitialize_reason == "DEFINITION_CHANGED"


def _remember(run: Run, table: DynamicTable, state: dict[str, Any]) -> DynamicTable:
    store.update(run.connection, table.id, frozen=state)
    return replace(table, frozen=state)


def _boundaries(hands: Hands, region: Region) -> list[str]:
    """Return the boundaries at the data timestamp, as constants in SQL."""
    if not region.boundaries:
        return []
    items = ", ".join(f"({b})::text, format_type(pg_typeof({b}), NULL)" for b in region.boundaries)
    row = hands.row(f"SELECT {items}")
    return [f"{literal(value)}::{type_}" for value, type_ in zip(row[::2], row[1::2], strict=True)]


def _check_forward(hands: Hands, table: DynamicTable, values: list[str]) -> None:
    pairs = zip(values, table.frozen["boundaries"], strict=True)
    if not hands.row("SELECT " + " AND ".join(f"{now} >= {before}" for now, before in pairs))[0]:
        raise RefreshError(
            f'the boundary of the frozen region of "{table.qualified}" has moved back: the clock or its time zone did',
            detail=f"It was {', '.join(table.frozen['boundaries'])}, and is {', '.join(values)}.",
            hint="The table keeps its contents, and is refreshed again when the time has come back to where it was.",
        )


def _retyped(run: Run, table: DynamicTable, columns: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Return the state with the frozen rows in the types that the definition has now."""
    state = {k: table.frozen[k] for k in ("storage", "rows", "boundaries")}
    present = tuple((c.id, c.type.name) for c in columns_of(run.connection, state["storage"]))
    if present == columns:
        return state
    storage = _storage(table)
    _create(run.hands(table), storage, f"SELECT * FROM {state['storage']}", columns)
    return {**state, "storage": storage}


def _create(hands: Hands, storage: str, source: str, columns: tuple[tuple[str, str], ...]) -> int:
    items = ", ".join(f"CAST({quote_qualified(name)} AS {type_}) AS {quote_qualified(name)}" for name, type_ in columns)
    site = hands.site(storage)
    rows = hands.run(f"CREATE TABLE {site} AS SELECT {items} FROM ({source}) f")
    hands.run(protect(site))
    hands.run(f"ANALYZE {site}")
    hands.settle(storage)
    return rows


def _storage(table: DynamicTable) -> str:
    return f"dyntables_data.t{table.id}_g{table.generation + 1}_frozen"
