"""DROP QUALITY RULE."""

from __future__ import annotations

from dyntables.catalog.past import audit
from dyntables.catalog.quality import rules
from dyntables.commands.command import Command
from dyntables.commands.quality.quarantining import settle_quarantine
from dyntables.commands.quality.targets import find_rule, find_target
from dyntables.commands.session import Result, Session, executed
from dyntables.compiler.statements import DropQualityRule


def drop_rule(session: Session, statement: DropQualityRule) -> Result:
    """Remove a rule with all that was found by it."""
    connection, target = session.connection, find_target(session, statement.name)
    with connection.transaction():
        if statement.if_exists and rules.find(connection, target, statement.rule) is None:
            notice = f'there is no rule "{statement.rule}" on "{target.qualified}", skipped'
            return executed(notice, status="DROP QUALITY RULE")
        rule = find_rule(session, target, statement.rule)
        rules.drop(connection, rule.id)
        audit.record(connection, "DROP QUALITY RULE", target.qualified, {"rule": rule.name})
        notices = settle_quarantine(session, target)
    return executed(*notices, status="DROP QUALITY RULE")


COMMAND = Command(DropQualityRule, drop_rule, skips_missing=False)
