"""What a run and a prediction know alike of a table: its sources and its definition, at one snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from dyntables.catalog import Connection
from dyntables.catalog.model import DynamicTable, RefreshReason
from dyntables.compiler.program import Compiled
from dyntables.engines.port import Engine, Snapshot
from dyntables.refresh.choice.adaptive import weigh
from dyntables.refresh.choice.choose import Choice
from dyntables.refresh.sources.fingerprint import calls_the_same, fits
from dyntables.refresh.sources.plans import PlanCache
from dyntables.refresh.sources.present import Present, owed_event


class World(Protocol):
    """The tables at a snapshot; ``present`` may be looked up only when somebody asks."""

    @property
    def connection(self) -> Connection:
        """The connection that sees the snapshot."""
        ...

    @property
    def engine(self) -> Engine:
        """The engine that has the rows."""
        ...

    @property
    def tables(self) -> Mapping[int, DynamicTable]:
        """The tables, and what they read."""
        ...

    @property
    def snapshot(self) -> Snapshot:
        """What is seen."""
        ...

    @property
    def present(self) -> Present:
        """The sources as they are in it."""
        ...


class Observed:
    """The evidence for ``decide``, but for the changes; the definition that it reads is kept for what follows."""

    def __init__(self, world: World, table: DynamicTable, plans: PlanCache) -> None:
        self._world, self._table, self._plans = world, table, plans
        self._compiled: Compiled | None = None

    @property
    def compiled(self) -> Compiled:
        """The definition over its present storage; there is one if it is readable."""
        assert self._compiled is not None
        return self._compiled

    @property
    def system(self) -> str:
        """The server and database at work."""
        return self._world.snapshot.system

    @property
    def uses_clock(self) -> bool:
        """Whether contents change by themselves."""
        return self.compiled.uses_clock

    def fits(self) -> bool:
        """Tell whether the sources are as they were."""
        return fits(self._world.present.prints, self._table)

    def calls_the_same(self) -> bool:
        """Tell whether what the definition calls is as it was."""
        return calls_the_same(self._world.present.code, self._table)

    def event(self) -> RefreshReason | None:
        """Return what happened to a source since the table's frontier."""
        return owed_event(self._world.connection, self._table, self._world.present.events)

    def captured(self) -> bool:
        """Tell whether all changes are captured."""
        return not self._table.captured & self._world.present.uncaptured

    def readable(self) -> bool:
        """Tell whether the definition fits the storage."""
        self._compiled = self._plans.compiled(self._world.connection, self._table, self._world.present.facts)
        return self._compiled is not None

    def weigh(self, changes: Mapping[str, int | None]) -> Choice | None:
        """Return the cheaper way, if the changes are known."""
        world = self._world
        return weigh(world.engine.sizes, world.tables, self._table, changes, world.snapshot.instant)
