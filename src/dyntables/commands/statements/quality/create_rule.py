"""CREATE [OR REPLACE] QUALITY RULE."""

from __future__ import annotations

from dyntables.catalog.past import audit
from dyntables.catalog.quality import rules
from dyntables.commands.command import Command
from dyntables.commands.quality.quarantining import settle_quarantine
from dyntables.commands.quality.targets import check_owner
from dyntables.commands.quality.written import read_rule
from dyntables.commands.session import Result, Session, executed
from dyntables.compiler.statements import CreateQualityRule
from dyntables.errors import CatalogError


def create_rule(session: Session, statement: CreateQualityRule) -> Result:
    """Let the server read a rule, and store it."""
    connection, written = session.connection, read_rule(session, statement)
    target, meaning, terms = written.target, written.meaning, written.terms
    with connection.transaction():
        present = rules.find(connection, target, statement.rule)
        if present is None:
            rules.insert(connection, target, statement.rule, meaning, terms)
        elif statement.or_replace:
            check_owner(session, target, present)
            rules.change(connection, present.id, meaning, terms)
        else:
            raise CatalogError(
                f'there is a rule "{statement.rule}" on "{target.qualified}" already', hint="Use CREATE OR REPLACE."
            )
        done = {"rule": statement.rule, "check": meaning.written, "where": meaning.filter}
        audit.record(connection, "CREATE QUALITY RULE", target.qualified, done)
        notices = settle_quarantine(session, target)
    return executed(*notices, status="CREATE QUALITY RULE")


COMMAND = Command(CreateQualityRule, create_rule)
