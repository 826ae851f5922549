"""Say what the next refresh of tables would do and read, without doing it.

The decision is the refresh's own (``decide``); only the numbers of rows that come through dynamic tables not yet
refreshed are estimates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dyntables.catalog import Connection, graph
from dyntables.catalog.model import Action, DynamicTable, RefreshReason
from dyntables.catalog.parts.dependency import Dependency, DependencyKind
from dyntables.catalog.past import history
from dyntables.engines.port import Changes, Engine, Sizes, Snapshot
from dyntables.refresh.choice.choose import Choice
from dyntables.refresh.choice.decision import Nothing, Rebuild, decide
from dyntables.refresh.choice.observed import Observed
from dyntables.refresh.sources.plans import PlanCache
from dyntables.refresh.sources.present import Present, look

_PAST = 20


@dataclass(frozen=True, slots=True)
class Reads:
    """What a refresh would read of one source; ``rows`` is None where nothing is known before."""

    name: str
    rows: int | None
    exact: bool


@dataclass(frozen=True, slots=True)
class Prediction:
    """The next action of one table; ``written`` estimates the changes that tables above would get."""

    table: DynamicTable
    action: Action
    reason: RefreshReason
    reads: tuple[Reads, ...]
    written: int | None
    choice: Choice | None = None

    @property
    def rows(self) -> int | None:
        """The rows that it would read, if something is known of each source."""
        known = [r.rows for r in self.reads if r.rows is not None]
        return sum(known) if len(known) == len(self.reads) else None


def predict(
    connection: Connection,
    engine: Engine,
    tables: Mapping[int, DynamicTable],
    ids: Iterable[int],
    plans: PlanCache,
) -> dict[int, Prediction]:
    """Return a prediction for each table and everything that it reads, those that are read first."""
    found: dict[int, Prediction] = {}
    order = graph.topological(tables, graph.ancestors(tables, ids))
    world = _World(connection, engine, tables, engine.session.present(), look(connection, [tables[i] for i in order]))
    for table_id in order:
        found[table_id] = _one(world, tables[table_id], plans, found)
    return found


@dataclass(frozen=True, slots=True)
class _World:
    """What all predictions have in common."""

    connection: Connection
    engine: Engine
    tables: Mapping[int, DynamicTable]
    snapshot: Snapshot
    present: Present


class _Estimated(Observed):
    """The evidence of a prediction: what is in logs is counted, what tables below would hand on is estimated."""

    def __init__(self, world: _World, table: DynamicTable, plans: PlanCache, below: Mapping[int, Prediction]) -> None:
        super().__init__(world, table, plans)
        self._below = below
        self.reads: tuple[Reads, ...] = ()

    def changes(self) -> Mapping[str, int | None]:
        """Return the rows that are or will be owed, by source."""
        found = (self._changes(d) for d in self._table.dependencies)
        self.reads = tuple(r for r in found if r is not None)
        return {r.name: r.rows for r in self.reads}

    def _changes(self, dependency: Dependency) -> Reads | None:
        """Return the changes of one source that the table has not consumed, or None."""
        if dependency.upstream is not None:
            below = self._below[dependency.upstream]
            consumed = self._table.contents.consumed.get(str(below.table.id), 0)
            logged = _logged(self._world.engine.changes, below.table, consumed)
            if below.action is Action.NO_DATA:
                return Reads(below.table.qualified, logged, exact=True) if logged else None
            rows = None if below.written is None else below.written + logged
            return Reads(below.table.qualified, rows, exact=False)
        if dependency.kind is not DependencyKind.TABLE:
            return None
        count, name = self._world.engine.changes.count(dependency.relation, self._table.contents.frontier)
        return Reads(name or "?", count, exact=True) if count else None


def _one(world: _World, table: DynamicTable, plans: PlanCache, below: Mapping[int, Prediction]) -> Prediction:
    known = _Estimated(world, table, plans, below)
    decision = decide(table, known)
    action, reason, choice = decision.action, decision.reason, decision.choice
    if isinstance(decision, Rebuild) and reason is not RefreshReason.CHEAPER_IN_FULL:
        everything = _everything(world.engine.sizes, table, below)
        return Prediction(table, action, reason, everything, _stored(world.engine.sizes, table))
    if isinstance(decision, Nothing):
        return Prediction(table, action, reason, (), 0)
    counted = Prediction(table, action, reason, known.reads, None, choice)
    return replace(counted, written=_written(world.connection, table, counted.rows))


def _logged(changes: Changes, parent: DynamicTable, consumed: int) -> int:
    """Return the number of a dynamic table's logged changes that a reader has not consumed."""
    return 0 if parent.contents.change_version <= consumed else changes.count_of_table(parent.change_log, consumed)


def _everything(sizes: Sizes, table: DynamicTable, below: Mapping[int, Prediction]) -> tuple[Reads, ...]:
    """Return all rows of all sources: what a full refresh reads."""
    found = []
    for dependency in table.dependencies:
        if dependency.upstream is not None:
            parent = below[dependency.upstream].table
            found.append(Reads(parent.qualified, _stored(sizes, parent), exact=False))
        elif dependency.kind is not DependencyKind.VIEW:
            rows = sizes.rows([dependency.relation]).get(dependency.relation)
            found.append(Reads(sizes.name(dependency.relation) or "?", rows, exact=False))
    return tuple(found)


def _stored(sizes: Sizes, table: DynamicTable) -> int | None:
    """Return the estimated number of rows of a table, if it has been built."""
    oid = sizes.storage({table.id: table.storage}).get(table.id)
    return sizes.rows([oid]).get(oid) if oid is not None else None


def _written(connection: Connection, table: DynamicTable, rows: int | None) -> int | None:
    """Estimate the changes that a table would hand on, by what its past refreshes made of theirs."""
    ratio = history.handed_on(connection, table.id, _PAST) if rows is not None else None
    return rows if rows is None or ratio is None else round(rows * ratio)
