"""What a run knows of a table before it decides: everything at its snapshot, and what is owed is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dyntables.catalog.model import DynamicTable
from dyntables.compiler.plan.algebra.nodes import Source, SourceKind
from dyntables.engines.port import Rows, Weights
from dyntables.refresh.choice.observed import Observed
from dyntables.refresh.run import Run
from dyntables.refresh.sources.plans import PlanCache


@dataclass(frozen=True, slots=True)
class Changed:
    """A source with changes that the table has not consumed; ``rows`` is a FROM item of them."""

    source: Source
    rows: Rows
    weights: Weights

    @property
    def name(self) -> str:
        """What the source is called in the history."""
        return f"{self.source.schema}.{self.source.name}"


class Counted(Observed):
    """The evidence of a run for one table; what it reads and owes is kept for the work that follows."""

    def __init__(self, run: Run, table: DynamicTable, plans: PlanCache) -> None:
        super().__init__(run, table, plans)
        self.changed: tuple[Changed, ...] = ()

    def changes(self) -> Mapping[str, int | None]:
        """Return the rows owed, by source."""
        owed = {source: self._owed(source) for source in self.compiled.sources}
        weights = self._world.engine.changes.weights(owed.values())
        found = zip(owed.items(), weights, strict=True)
        self.changed = tuple(Changed(source, rows, w) for (source, rows), w in found if w.count)
        return {c.name: c.weights.count for c in self.changed}

    def _owed(self, source: Source) -> Rows:
        columns, table, changes = self.compiled.sources[source], self._table, self._world.engine.changes
        if source.kind is SourceKind.TABLE:
            assert table.contents.frontier is not None
            return changes.of_source(source.oid, columns, table.contents.frontier)
        upstream = next((d.upstream for d in table.dependencies if d.relation == source.oid), None)
        parent = self._world.tables[upstream or 0]
        return changes.of_table(parent.change_log, columns, table.contents.consumed.get(str(parent.id), 0))
