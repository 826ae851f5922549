"""ALTER QUALITY RULE … SUSPEND | RESUME | SET."""

from __future__ import annotations

from dataclasses import replace

from dyntables.catalog.past import audit
from dyntables.catalog.quality import rules
from dyntables.catalog.quality.rule import Rule, Target
from dyntables.commands.command import Command
from dyntables.commands.quality.meanings import Reader, terms_of
from dyntables.commands.quality.quarantining import check_quarantine, settle_quarantine
from dyntables.commands.quality.targets import find_rule, find_target, shape_of
from dyntables.commands.session import Result, Session, executed
from dyntables.compiler.quality.catalogue import KINDS
from dyntables.compiler.statements import AlterQualityRule, RuleAction


def alter_rule(session: Session, statement: AlterQualityRule) -> Result:
    """Have a rule checked or not any more, or give it other terms."""
    connection, target = session.connection, find_target(session, statement.name)
    with connection.transaction():
        rule = find_rule(session, target, statement.rule)
        if statement.action is RuleAction.SET:
            _set(session, target, rule, statement)
        else:
            rules.enable(connection, rule.id, enabled=statement.action is RuleAction.RESUME)
        done = {"rule": rule.name, "action": str(statement.action)}
        audit.record(connection, "ALTER QUALITY RULE", target.qualified, done)
        notices = settle_quarantine(session, target)
    return executed(*notices, status="ALTER QUALITY RULE")


def _set(session: Session, target: Target, rule: Rule, statement: AlterQualityRule) -> None:
    options, meaning = statement.options, rule.meaning
    terms = terms_of(KINDS[meaning.kind], target, options, statement.text, rule.terms)
    if options.where is not None:
        reader = Reader(session, target, shape_of(session, target), statement.text)
        meaning = replace(meaning, filter=reader.filter(options.where))
        meaning = replace(meaning, scans=reader.scans(meaning))
    check_quarantine(session, target, meaning, terms)
    rules.change(session.connection, rule.id, meaning, terms)
    if not rule.enabled:
        rules.enable(session.connection, rule.id, enabled=False, reason=rule.disabled_reason)


COMMAND = Command(AlterQualityRule, alter_rule)
