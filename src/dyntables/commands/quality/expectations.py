"""CONSTRAINT … EXPECT of CREATE DYNAMIC TABLE: rules that are made with their table."""

from __future__ import annotations

from dataclasses import dataclass

from dyntables.catalog import store
from dyntables.catalog.past import audit
from dyntables.catalog.quality import rules
from dyntables.catalog.quality.rule import Meaning, Terms
from dyntables.commands.quality.meanings import Reader, terms_of
from dyntables.commands.quality.quarantining import check_quarantine, settle_quarantine
from dyntables.commands.quality.targets import Shape
from dyntables.commands.session import Session
from dyntables.compiler.plan.algebra.nodes import SqlType
from dyntables.compiler.quality.binding import kind_of
from dyntables.compiler.statements import CreateDynamicTable, RuleOptions
from dyntables.errors import InvalidOptionError
from dyntables.refresh.quality.watching import target_of


@dataclass(frozen=True, slots=True)
class Expected:
    """A rule that a statement makes with its table."""

    name: str
    meaning: Meaning
    terms: Terms


def read_expectations(
    session: Session, table_id: int, statement: CreateDynamicTable, columns: tuple[tuple[str, SqlType], ...]
) -> list[Expected]:
    """Return the rules in the statement that makes a table; ``columns``: that it will have.

    Raises:
        InvalidOptionError, InvalidQueryError: one cannot be checked, or two have the same name.
    """
    found: dict[str, Expected] = {}
    for expectation in statement.expectations:
        target = target_of(store.load_all(session.connection, [table_id])[table_id])
        if expectation.name in found:
            raise InvalidOptionError(f'constraint "{expectation.name}" is given twice')
        meaning = Reader(session, target, Shape(columns, {}), statement.text).meaning(expectation.check, None)
        options = RuleOptions(on_violation=expectation.on_violation)
        terms = terms_of(kind_of(expectation.check, statement.text), target, options, statement.text)
        check_quarantine(session, target, meaning, terms)
        found[expectation.name] = Expected(expectation.name, meaning, terms)
    return list(found.values())


def store_expectations(session: Session, table_id: int, expected: list[Expected]) -> None:
    """Store rules of a table; the caller owns the transaction."""
    connection = session.connection
    for rule in expected:
        target = target_of(store.load_all(connection, [table_id])[table_id])
        present = rules.find(connection, target, rule.name)
        if present is None:
            rules.insert(connection, target, rule.name, rule.meaning, rule.terms)
        else:
            rules.change(connection, present.id, rule.meaning, rule.terms)
        done = {"rule": rule.name, "check": rule.meaning.written}
        audit.record(connection, "CREATE QUALITY RULE", target.qualified, done)
        settle_quarantine(session, target)
