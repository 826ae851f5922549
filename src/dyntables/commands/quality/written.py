"""The rule that a statement makes, read by the server but not stored."""

from __future__ import annotations

from dataclasses import dataclass

from dyntables.catalog.quality.rule import Meaning, Target, Terms
from dyntables.commands.quality.meanings import Reader, terms_of
from dyntables.commands.quality.quarantining import check_quarantine
from dyntables.commands.quality.rights import check_reading
from dyntables.commands.quality.targets import find_target, shape_of
from dyntables.commands.session import Session
from dyntables.compiler.quality.binding import kind_of
from dyntables.compiler.statements import CreateQualityRule


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """A rule with the table that it is to watch."""

    target: Target
    meaning: Meaning
    terms: Terms


def read_rule(session: Session, statement: CreateQualityRule) -> WrittenRule:
    """Let the server read the rule of a statement, and see that its owner may read what it reads.

    Raises:
        InvalidOptionError, InvalidQueryError: it cannot be checked; with the place.
        NotFoundError, PermissionDeniedError, InsufficientPrivilegeError: of the table, and of what the rule reads.
    """
    target = find_target(session, statement.name)
    reader = Reader(session, target, shape_of(session, target), statement.text)
    meaning = reader.meaning(statement.check, statement.options.where)
    terms = terms_of(kind_of(statement.check, statement.text), target, statement.options, statement.text)
    check_quarantine(session, target, meaning, terms)
    check_reading(session, target, meaning)
    return WrittenRule(target, meaning, terms)
