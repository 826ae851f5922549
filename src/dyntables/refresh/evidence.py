"""What a run knows of a table before it decides: everything at its snapshot, and what is owed is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dyntables.catalog.model import DynamicTable, RefreshReason
from dyntables.compiler.plan.algebra.nodes import Source, SourceKind
from dyntables.compiler.program import Compiled
from dyntables.engines.postgres.capture.owed import Weights, count_owed, owed_of_dynamic_table, owed_of_source
from dyntables.refresh.choice.adaptive import weigh
from dyntables.refresh.choice.choose import Choice
from dyntables.refresh.run import Run
from dyntables.refresh.sources.fingerprint import calls_the_same, fits
from dyntables.refresh.sources.plans import PlanCache
from dyntables.refresh.sources.present import owed_event


@dataclass(frozen=True, slots=True)
class Changed:
    """A source with changes that the table has not consumed; ``rows`` is a FROM item of them."""

    source: Source
    rows: str
    weights: Weights

    @property
    def name(self) -> str:
        """What the source is called in the history."""
        return f"{self.source.schema}.{self.source.name}"


class Counted:
    """The evidence of a run for one table; what it reads and owes is kept for the work that follows."""

    def __init__(self, run: Run, table: DynamicTable, plans: PlanCache) -> None:
        self._run, self._table, self._plans = run, table, plans
        self._compiled: Compiled | None = None
        self.changed: tuple[Changed, ...] = ()

    @property
    def compiled(self) -> Compiled:
        """The definition over its present storage; there is one if it is readable."""
        assert self._compiled is not None
        return self._compiled

    @property
    def system(self) -> str:
        """The server and database at work."""
        return self._run.system

    @property
    def uses_clock(self) -> bool:
        """Whether contents change by themselves."""
        return self.compiled.uses_clock

    def fits(self) -> bool:
        """Tell whether the sources are as they were."""
        return fits(self._run.present.prints, self._table)

    def calls_the_same(self) -> bool:
        """Tell whether what the definition calls is as it was."""
        return calls_the_same(self._run.present.code, self._table)

    def event(self) -> RefreshReason | None:
        """Return what happened to a source since the table's frontier."""
        return owed_event(self._run.connection, self._table, self._run.present.events)

    def captured(self) -> bool:
        """Tell whether all changes are captured."""
        return not self._table.captured & self._run.present.uncaptured

    def readable(self) -> bool:
        """Tell whether the definition fits the storage."""
        self._compiled = self._plans.compiled(self._run.connection, self._table, self._run.present.facts)
        return self._compiled is not None

    def changes(self) -> Mapping[str, int | None]:
        """Return the rows owed, by source."""
        owed = {source: self._owed(source) for source in self.compiled.sources}
        weights = count_owed(self._run.connection, owed.values())
        found = zip(owed.items(), weights, strict=True)
        self.changed = tuple(Changed(source, rows, w) for (source, rows), w in found if w.count)
        return {c.name: c.weights.count for c in self.changed}

    def weigh(self, changes: Mapping[str, int | None]) -> Choice | None:
        """Return the cheaper way."""
        return weigh(self._run.connection, self._run.tables, self._table, changes, self._run.data_timestamp)

    def _owed(self, source: Source) -> str:
        columns, table = self.compiled.sources[source], self._table
        if source.kind is SourceKind.TABLE:
            assert table.frontier is not None
            return owed_of_source(source.oid, columns, table.frontier)
        upstream = next((d.upstream for d in table.dependencies if d.relation == source.oid), None)
        parent = self._run.tables[upstream or 0]
        return owed_of_dynamic_table(parent.change_log, columns, table.consumed.get(str(parent.id), 0))
