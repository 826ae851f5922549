"""Measure rules over a table as the present transaction sees it, each with the rights of its owner.

All rules that follow from sums share one look at the rows. If that fails, each is looked at alone: an error is one
rule's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dyntables import clock
from dyntables.catalog import Connection
from dyntables.catalog.quality import rules
from dyntables.catalog.quality.measures import Measure
from dyntables.catalog.quality.results import Found
from dyntables.catalog.quality.rule import Rule, Target
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.quality.kind import Sums
from dyntables.compiler.quality.measure import counted_of, examples, failing, over_delta, over_rows
from dyntables.engines.port import Engine, Rows, Workspace
from dyntables.errors import CancelledError, ConflictError, DyntablesError, without_values
from dyntables.health.quality import RuleState, score_of, state_of

# A column, a table, or an operator for the type of a column that is not there any more.
GONE = {"42703", "42P01", "42883", "42804"}
_AT_ONCE = 300

_Asked = tuple[Rule, Sums]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a look at a rule gave: how much was checked and how much of it failed, or the error that it ended with.

    ``sums``: that it follows from, if it does.
    """

    rule: Rule
    checked: int
    failed: int
    milliseconds: float
    error: DyntablesError | None = None
    sums: tuple[int, ...] | None = None

    @property
    def state(self) -> RuleState:
        """Whether the rule holds."""
        if self.error is not None:
            return RuleState.ERROR
        return state_of(self.checked, self.failed, self.rule.terms.tolerance)

    @property
    def score(self) -> float | None:
        """From 0 to 1; None if nothing was checked."""
        return score_of(self.checked, self.failed, self.rule.terms.tolerance) if self.error is None else None

    @property
    def measure(self) -> Measure | None:
        """What is kept of it, of a rule that what changes says all about."""
        if self.error is not None or self.sums is None or self.rule.meaning.scans is not None:
            return None
        return Measure(self.rule.version, self.sums, self.checked, self.failed)


def measure(
    engine: Engine,
    target: Target,
    watched: Sequence[Rule],
    limit: float | None = None,
    rows: Rows | None = None,
    before: Mapping[int, Measure] | None = None,
) -> list[Outcome]:
    """Measure rules by a look at all rows; return an outcome for each, in their order.

    Args:
        engine: that has the rows.
        target: the table that they watch.
        watched: the rules.
        limit: the seconds after which the server ends a statement, which is then an error of its rule.
        rows: to look at, if not those that the table shows.
        before: what is known of the contents that these rows replace.
    """
    item = rows or quote_qualified(target.schema, target.name)
    found: dict[int, Outcome] = {}

    def query(some: Sequence[_Asked]) -> str:
        former = [before[rule.id].sums if before and _fits(rule, before) else None for rule, _ in some]
        return over_rows(item, [sums for _, sums in some], former)

    for owner in sorted({rule.owner or target.owner for rule in watched}):
        look = _Look(engine, engine.workspace(owner), target, limit)
        asked, others = _asked([rule for rule in watched if (rule.owner or target.owner) == owner])
        for at in range(0, len(asked), _AT_ONCE):
            found |= {o.rule.id: o for o in look.together(asked[at : at + _AT_ONCE], query)}
        found |= {rule.id: look.alone(rule, rows) for rule in others}
    return [found[rule.id] for rule in watched]


def follow(
    engine: Engine, target: Target, watched: Sequence[Rule], before: Mapping[int, Measure], delta: Rows
) -> list[Outcome]:
    """Measure rules by what has changed of their table; ``before``: what they measured, each in the present version.

    Those are missing for which that cannot be done: a rule may fail over a row that was never there.
    """
    look = _Look(engine, engine.workspace(target.owner), target, None)
    asked, _ = _asked([rule for rule in watched if _fits(rule, before)])

    def query(some: Sequence[_Asked]) -> str:
        return over_delta(delta, [sums for _, sums in some], [before[rule.id].sums for rule, _ in some])

    parts = (asked[at : at + _AT_ONCE] for at in range(0, len(asked), _AT_ONCE))
    return [o for part in parts for o in look.together(part, query) if o.error is None]


def known(watched: Sequence[Rule], before: Mapping[int, Measure]) -> list[Outcome]:
    """Return the outcomes of the rules of which the measures of the present contents are kept."""
    fitting = [(rule, before[rule.id]) for rule in watched if _fits(rule, before)]
    return [Outcome(rule, m.checked, m.failed, 0.0, sums=m.sums) for rule, m in fitting]


def examples_of(engine: Engine, target: Target, rule: Rule, most: int, rows: Rows | None = None) -> str | None:
    """Return some rows that fail as JSON, None if there are none to show or they cannot be read."""
    workspace = engine.workspace(rule.owner or target.owner)
    query = failing(rule.meaning.question, target.schema, target.name, rows)
    if query is None:
        return None
    try:
        with engine.session.savepoint():
            return str(workspace.row(examples(query, most))[0])
    except (CancelledError, ConflictError):
        raise
    except DyntablesError:
        return None


def record(connection: Connection, outcomes: Sequence[Outcome]) -> list[Found]:
    """Disable rules that mean something that is gone; return what is to be stored of all."""
    for outcome in outcomes:
        if outcome.error is not None and outcome.error.sqlstate in GONE:
            rules.enable(connection, outcome.rule.id, enabled=False, reason=without_values(outcome.error)[0])
    return [
        Found(o.rule.id, o.rule.version, o.state, o.checked, o.failed, o.score, _message(o), o.milliseconds)
        for o in outcomes
    ]


def _message(outcome: Outcome) -> str | None:
    return without_values(outcome.error)[0] if outcome.error is not None else None


def _asked(watched: Sequence[Rule]) -> tuple[list[_Asked], list[Rule]]:
    """Return the rules that follow from sums, with these, and the others."""
    with_sums = [(rule, rule.meaning.question.sums) for rule in watched]
    asked = [(rule, sums) for rule, sums in with_sums if sums is not None]
    return asked, [rule for rule, sums in with_sums if sums is None]


def _fits(rule: Rule, before: Mapping[int, Measure]) -> bool:
    return rule.meaning.scans is None and rule.id in before and before[rule.id].version == rule.version


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks at one table with the rights of one owner."""

    engine: Engine
    workspace: Workspace
    target: Target
    limit: float | None

    def together(self, asked: Sequence[_Asked], query: Callable[[Sequence[_Asked]], str]) -> Iterator[Outcome]:
        """Measure rules that follow from sums by one query, or each alone if that fails."""
        if not asked:
            return
        came = clock.monotonic()
        row = self._row(query(asked), came)
        if isinstance(row, DyntablesError):
            if len(asked) == 1:
                yield Outcome(asked[0][0], 0, 0, _since(came), row)
                return
            for one in asked:
                yield from self.together([one], query)
            return
        values = [int(value) for value in row]
        for rule, sums in asked:
            count = len(sums.terms)
            *own, checked, failed = values[: count + 2]
            del values[: count + 2]
            yield Outcome(rule, checked, failed, _since(came), sums=tuple(own))

    def alone(self, rule: Rule, rows: Rows | None) -> Outcome:
        """Measure a rule that is about more than sums."""
        came = clock.monotonic()
        query = counted_of(rule.meaning.question, self.target.schema, self.target.name, rows).measure
        row = self._row(query, came)
        if isinstance(row, DyntablesError):
            return Outcome(rule, 0, 0, _since(came), row)
        return Outcome(rule, int(row[0]), int(row[1]), _since(came))

    def _row(self, query: str, came: float) -> tuple[Any, ...] | DyntablesError:
        """Return the row of a query, or the error that is its own."""
        try:
            with self.engine.session.savepoint():
                return self.workspace.row(query)
        except ConflictError:
            raise
        except CancelledError as error:
            if self.limit is None or clock.monotonic() - came < self.limit:
                raise
            return error
        except DyntablesError as error:
            return error


def _since(came: float) -> float:
    return (clock.monotonic() - came) * 1000
