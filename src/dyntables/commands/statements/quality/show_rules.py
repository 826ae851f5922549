"""SHOW QUALITY RULES."""

from __future__ import annotations

from dyntables.catalog.quality import results
from dyntables.commands.command import Command
from dyntables.commands.quality.targets import find_target
from dyntables.commands.rights import Privilege
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import ShowQualityRules
from dyntables.engines.postgres.rights.roles import act_as


def show_rules(session: Session, statement: ShowQualityRules) -> Result:
    """List the rules that the role may see, of all tables or of one."""
    target = find_target(session, statement.name) if statement.name is not None else None
    with session.connection.transaction():
        if session.role is not None:
            act_as(session.connection, session.role)
        schema, name = (target.schema, target.name) if target is not None else (None, None)
        rows = results.shown_rules(session.connection, schema, name)
    return Result(results.RULE_COLUMNS.split(", "), rows, "SHOW QUALITY RULES")


COMMAND = Command(ShowQualityRules, show_rules, needs=Privilege.MONITOR)
