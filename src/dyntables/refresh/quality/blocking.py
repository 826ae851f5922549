"""ON VIOLATION BLOCK: new contents that break a rule are not published; readers keep those from before."""

from __future__ import annotations

from dyntables.catalog.model import Action, DynamicTable
from dyntables.catalog.quality import results, rules
from dyntables.catalog.quality.rule import Target
from dyntables.errors import QualityBlockedError
from dyntables.health.quality import RuleState
from dyntables.refresh.quality.measuring import Outcome, examples_of, measure, record
from dyntables.refresh.result import Work
from dyntables.refresh.run import Run

EXAMPLES = 5


def block_on_violation(run: Run, table: DynamicTable, work: Work) -> None:
    """Measure the rules that block, over the new contents at the run's snapshot, in the table's savepoint.

    A rule that cannot be checked does not block: that it could not is recorded.

    Raises:
        QualityBlockedError: one does not hold; nothing of the refresh stays.
    """
    if work.action is Action.NO_DATA:
        return
    blocking = rules.blocking(run.connection, table.id)
    if not blocking:
        return
    target = target_of(table)
    outcomes = measure(run.engine, target, blocking)
    broken = [outcome for outcome in outcomes if outcome.state is RuleState.FAILED]
    if broken:
        raise _blocked(run, target, broken)
    results.add(run.connection, record(run.connection, outcomes), run.data_timestamp)


def target_of(table: DynamicTable) -> Target:
    """Return a dynamic table as what rules watch."""
    return Target(table.schema, table.name, table.owner, dynamic_table_id=table.id)


def _blocked(run: Run, target: Target, broken: list[Outcome]) -> QualityBlockedError:
    said = "; ".join(
        f'rule "{o.rule.name}", {o.rule.meaning.written}: {o.failed} of {o.checked} failed' for o in broken
    )
    shown = [(o.rule.name, examples_of(run.engine, target, o.rule, EXAMPLES)) for o in broken]
    return QualityBlockedError(
        f'the new contents of "{target.qualified}" are not published: {said}',
        detail="\n".join(f"{name}: {rows}" for name, rows in shown if rows is not None) or None,
        hint="It keeps its previous contents. Correct the rows, or ALTER QUALITY RULE … SUSPEND or SET TOLERANCE.",
        sqlstate="23514",
    )
