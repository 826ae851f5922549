"""Measure rules over a table as the present transaction sees it, each with the rights of its owner.

All rules about a row share one look at the table. If that fails, each is looked at alone: an error is one rule's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dyntables import clock
from dyntables.catalog import Connection
from dyntables.catalog.quality import rules
from dyntables.catalog.quality.results import Found
from dyntables.catalog.quality.rule import Rule, Target
from dyntables.compiler.quality.catalogue import KINDS
from dyntables.compiler.quality.measure import RowTest, counted_of, examples, failing_rows, measure_rows
from dyntables.engines.port import Engine, Workspace
from dyntables.errors import CancelledError, ConflictError, DyntablesError, without_values
from dyntables.health.quality import RuleState, score_of, state_of

# A column, a table, or an operator for the type of a column that is not there any more.
_GONE = {"42703", "42P01", "42883", "42804"}
_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a look at a rule gave: how much was checked and how much of it failed, or the error that it ended with."""

    rule: Rule
    checked: int
    failed: int
    milliseconds: float
    error: DyntablesError | None = None

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


def measure(engine: Engine, target: Target, watched: Sequence[Rule], limit: float | None = None) -> list[Outcome]:
    """Measure rules of a table; return an outcome for each, in their order.

    ``limit``: the seconds after which the server ends a statement, which is then an error of its rule.
    """
    owners = {rule.owner or target.owner for rule in watched}
    found: dict[int, Outcome] = {}
    for owner in sorted(owners):
        own = [rule for rule in watched if (rule.owner or target.owner) == owner]
        look = _Look(engine, engine.workspace(owner), target, limit)
        of_rows = [rule for rule in own if rule.meaning.predicate is not None]
        for at in range(0, len(of_rows), _AT_ONCE):
            found |= {o.rule.id: o for o in look.together(of_rows[at : at + _AT_ONCE])}
        found |= {rule.id: look.alone(rule) for rule in own if rule.meaning.predicate is None}
    return [found[rule.id] for rule in watched]


def examples_of(engine: Engine, target: Target, rule: Rule, most: int) -> str | None:
    """Return some rows that fail as JSON, None if there are none to show or they cannot be read."""
    workspace = engine.workspace(rule.owner or target.owner)
    query = _failing(target, rule)
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
        if outcome.error is not None and outcome.error.sqlstate in _GONE:
            rules.enable(connection, outcome.rule.id, enabled=False, reason=without_values(outcome.error)[0])
    return [
        Found(o.rule.id, o.rule.version, o.state, o.checked, o.failed, o.score, _message(o), o.milliseconds)
        for o in outcomes
    ]


def _message(outcome: Outcome) -> str | None:
    return without_values(outcome.error)[0] if outcome.error is not None else None


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks at one table with the rights of one owner."""

    engine: Engine
    workspace: Workspace
    target: Target
    limit: float | None

    def together(self, watched: Sequence[Rule]) -> Iterator[Outcome]:
        """Measure rules about a row by one query, or each alone if that fails."""
        if not watched:
            return
        came = clock.monotonic()
        row = self._row(self._of_rows(watched), came)
        if isinstance(row, DyntablesError):
            if len(watched) == 1:
                yield Outcome(watched[0], 0, 0, _since(came), row)
                return
            for rule in watched:
                yield from self.together([rule])
            return
        for number, rule in enumerate(watched):
            yield Outcome(rule, int(row[2 * number]), int(row[2 * number + 1]), _since(came))

    def alone(self, rule: Rule) -> Outcome:
        """Measure a rule that is about more than a row."""
        came, meaning = clock.monotonic(), rule.meaning
        query = counted_of(
            KINDS[meaning.kind], meaning.arguments, self.target.schema, self.target.name, meaning.filter
        ).measure
        row = self._row(query, came)
        if isinstance(row, DyntablesError):
            return Outcome(rule, 0, 0, _since(came), row)
        return Outcome(rule, int(row[0]), int(row[1]), _since(came))

    def _of_rows(self, watched: Sequence[Rule]) -> str:
        return measure_rows(self.target.schema, self.target.name, [_test(rule) for rule in watched])

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


def _test(rule: Rule) -> RowTest:
    assert rule.meaning.predicate is not None
    return RowTest(rule.meaning.predicate, rule.meaning.filter)


def _failing(target: Target, rule: Rule) -> str | None:
    meaning = rule.meaning
    if meaning.predicate is not None:
        return failing_rows(target.schema, target.name, _test(rule))
    kind = KINDS[meaning.kind]
    return counted_of(kind, meaning.arguments, target.schema, target.name, meaning.filter).examples


def _since(came: float) -> float:
    return (clock.monotonic() - came) * 1000
