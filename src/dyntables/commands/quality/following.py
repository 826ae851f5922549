"""Follow renamed columns of plain tables: a rule means the columns that it meant when it was written, by number.

A rule that means one that is gone is disabled, with the reason.
"""

from __future__ import annotations

from dyntables.catalog.quality import rules
from dyntables.catalog.quality.rule import Meaning, Rule, Target
from dyntables.commands.quality.targets import Shape, shape_of
from dyntables.commands.session import Session
from dyntables.compiler.plan.algebra.nodes import SqlType
from dyntables.compiler.quality.binding import columns_of, renamed
from dyntables.compiler.quality.catalogue import KINDS
from dyntables.engines.postgres.definition.predicate import follow_predicate


def follow_rules(session: Session, target: Target) -> list[Rule]:
    """Return the rules of a table under the names that its columns have now; the caller owns the transaction."""
    found = rules.of_table(session.connection, target)
    if target.relation is None or not found:
        return found
    shape = shape_of(session, target)
    for rule in found:
        if rule.disabled_reason is None and _moved(rule, shape):
            _follow(session, target, rule, shape)
    return rules.of_table(session.connection, target)


def _moved(rule: Rule, shape: Shape) -> bool:
    """Tell whether a column that the table had has another name, or is gone; new ones do not matter."""
    return any(shape.numbers.get(number) != name for number, name in rule.meaning.columns.items())


def _follow(session: Session, target: Target, rule: Rule, shape: Shape) -> None:
    meaning = _present(session, target, rule, shape)
    if meaning is None:
        reason = "a column that the rule is about is gone, or has a type that does not fit"
        rules.enable(session.connection, rule.id, enabled=False, reason=reason)
    else:
        rules.follow(session.connection, rule.id, meaning)


def _present(session: Session, target: Target, rule: Rule, shape: Shape) -> Meaning | None:
    """Return what a rule means under the present names, None if it means something that is gone."""
    was, kind = rule.meaning, KINDS[rule.meaning.kind]
    kept = {number: name for number, name in was.columns.items() if number in shape.numbers}
    if not columns_of(kind, was.arguments) <= set(kept.values()):
        return None
    types = dict(shape.columns)
    named = [(name, shape.numbers[number], types[shape.numbers[number]]) for number, name in kept.items()]
    predicate, condition = (_text(session, target, rule, text, named) for text in (was.predicate, was.filter))
    if (predicate is None) != (was.predicate is None) or (condition is None) != (was.filter is None):
        return None
    arguments = renamed(kind, was.arguments, {former: present for former, present, _ in named})
    return Meaning(was.kind, arguments, was.written, predicate, condition, shape.numbers, was.scans)


def _text(
    session: Session, target: Target, rule: Rule, text: str | None, named: list[tuple[str, str, SqlType]]
) -> str | None:
    owner = rule.owner or target.owner
    return follow_predicate(session.connection, text, named, owner) if text is not None else None
