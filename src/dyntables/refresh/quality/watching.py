"""The rules of one table during one refresh of it: what they measured before, and measure of the new contents.

What changes is looked at where it is at hand: the output delta of a refresh by changes, the new rows of a rebuild
before anybody can read them. What that does not answer is asked of the table itself, when the work is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dyntables.catalog import Connection
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.quality import measures, rules
from dyntables.catalog.quality.measures import Measure
from dyntables.catalog.quality.rule import Rule, Target
from dyntables.compiler.quality.catalogue import KINDS
from dyntables.compiler.quality.measure import columns_in
from dyntables.compiler.quality.quarantine import Split
from dyntables.compiler.statements import OnViolation
from dyntables.engines.port import Engine, Rows
from dyntables.errors import QualityBlockedError
from dyntables.health.quality import RuleState
from dyntables.refresh.quality.measuring import Outcome, examples_of, follow, known, measure
from dyntables.refresh.quality.splitting import all_rows, new_split

EXAMPLES = 5


@dataclass(slots=True)
class Watching:
    """The rules of a table, and what is known of the contents that a refresh gives it, by the ids of rules.

    ``before``: what they measured of the contents of the change version ``version``, which the refresh found.
    ``rows``: all rows of the table, if it does not show them all. ``blocks``: whether rules may block it this time.
    """

    engine: Engine
    target: Target
    everything: list[Rule]
    before: Mapping[int, Measure]
    version: int
    rows: Rows | None = None
    blocks: bool = True
    found: dict[int, Outcome] = field(default_factory=dict)

    @property
    def watched(self) -> list[Rule]:
        """The rules that are checked."""
        return [rule for rule in self.everything if rule.enabled]

    @property
    def kept(self) -> list[Rule]:
        """The rules whose measures are kept from refresh to refresh."""
        return [rule for rule in self.watched if rule.meaning.scans is None]

    def wants(self, names: Sequence[str]) -> set[str]:
        """Return the columns that are needed of what changes; one at least, as rows are counted."""
        read = {
            name
            for rule in self.kept
            if (sums := rule.meaning.question.sums) is not None
            for name in columns_in(sums, names)
        }
        return read or set(names[:1] if self.kept else ())

    def follow(self, delta: Rows) -> None:
        """Measure by what has changed, under the names that the columns have in the table."""
        self._know(follow(self.engine, self.target, self.kept, self.before, delta))

    def stay(self) -> None:
        """Measure what was measured before: nothing has changed."""
        self._know(known(self.watched, self.before))

    def look_at(self, rows: Rows) -> None:
        """Measure by the rows that the table is about to show.

        Raises:
            QualityBlockedError: they break a rule.
        """
        asked = [rule for rule in self._asked() if not KINDS[rule.meaning.kind].elsewhere]
        self.rows = rows
        self._know(measure(self.engine, self.target, asked, rows=rows, before=self.before))
        self.check(rows)

    def split(self, table: DynamicTable, columns: Sequence[str]) -> Split | None:
        """Return how the rows that were looked at are to be split; ``columns``: of these, in order.

        Raises:
            RefreshError: for some row it is not known whether it breaks a rule.
        """
        return new_split(table, columns, self.everything, self.found)

    def finish(self) -> list[Outcome]:
        """Measure what is not known yet by what the table shows; return all that is known.

        Raises:
            QualityBlockedError: the new contents break a rule.
        """
        missing = [rule for rule in self._asked() if rule.id not in self.found]
        if missing:
            self._know(measure(self.engine, self.target, missing, rows=self.rows, before=self.before))
        self.check(self.rows)
        return [self.found[rule.id] for rule in self.watched if rule.id in self.found]

    def check(self, rows: Rows | None = None) -> None:
        """See that no rule that blocks is broken; one that could not be checked does not block.

        Raises:
            QualityBlockedError: one is.
        """
        outcomes = [o for o in self.found.values() if o.rule.terms.on_violation is OnViolation.BLOCK]
        broken = [o for o in outcomes if o.state is RuleState.FAILED]
        if broken and self.blocks:
            raise self._blocked(broken, rows)

    def _asked(self) -> list[Rule]:
        """Return the rules that every refresh measures: those that are kept, and those that block."""
        return [r for r in self.watched if r.meaning.scans is None or r.terms.on_violation is OnViolation.BLOCK]

    def _know(self, outcomes: Sequence[Outcome]) -> None:
        self.found |= {outcome.rule.id: outcome for outcome in outcomes}

    def _blocked(self, broken: list[Outcome], rows: Rows | None) -> QualityBlockedError:
        said = "; ".join(
            f'rule "{o.rule.name}", {o.rule.meaning.written}: {o.failed} of {o.checked} failed' for o in broken
        )
        shown = [(o.rule.name, examples_of(self.engine, self.target, o.rule, EXAMPLES, rows)) for o in broken]
        return QualityBlockedError(
            f'the new contents of "{self.target.qualified}" are not published: {said}',
            detail="\n".join(f"{name}: {found}" for name, found in shown if found is not None) or None,
            hint="It keeps its previous contents. Correct the rows, or REFRESH PUBLISH ANYWAY once, or alter the rule.",
            sqlstate="23514",
        )


def watch(connection: Connection, engine: Engine, table: DynamicTable, *, blocks: bool) -> Watching | None:
    """Return what watches a table while it is refreshed, None if it has no rules; ``blocks``: rules may block it."""
    everything = rules.of_table(connection, target_of(table), held=True)
    if not any(rule.enabled for rule in everything):
        return None
    version = table.contents.change_version
    rows = all_rows(table) if table.contents.quarantine else None
    before = measures.load(connection, table.id, version)
    return Watching(engine, target_of(table), everything, before, version, rows, blocks)


def target_of(table: DynamicTable) -> Target:
    """Return a dynamic table as what rules watch."""
    return Target(table.schema, table.name, table.owner, dynamic_table_id=table.id)
