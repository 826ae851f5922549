"""SUGGEST QUALITY RULES FOR a table: rules that hold of what is there, each with its evidence."""

from __future__ import annotations

import json
from dataclasses import replace

from dyntables import clock
from dyntables.catalog.quality import rules
from dyntables.catalog.quality.rule import Rule, Target
from dyntables.commands.command import Command
from dyntables.commands.quality.targets import find_target, shape_of
from dyntables.commands.session import Result, Session
from dyntables.compiler.quality.catalogue import KINDS
from dyntables.compiler.quality.kind import Sort
from dyntables.compiler.quality.profile import Profile, few_values, profile_query, read_profile, values_query
from dyntables.compiler.quality.suggest import Suggestion, suggest
from dyntables.compiler.quality.writing import RuleForm, write_check, write_rule
from dyntables.compiler.statements import SuggestQualityRules

COLUMNS = ["name", "kind", "check", "evidence", "arguments", "statement"]
_LIMIT_SECONDS = 60


def suggest_rules(session: Session, statement: SuggestQualityRules) -> Result:
    """Profile a table with the rights of who would own a rule on it; show what is no rule of it yet."""
    target = find_target(session, statement.name)
    profile = _profile(session, target)
    present = {_said(rule) for rule in rules.of_table(session.connection, target)}
    found = [s for s in suggest(profile, clock.now().date()) if _key(s) not in present]
    return Result(COLUMNS, [_row(target, s) for s in found], "SUGGEST")


def _profile(session: Session, target: Target) -> Profile:
    engine, columns = session.refresher.engine, shape_of(session, target).columns
    with engine.session.guarded([target.owner]):
        engine.session.begin()
        engine.session.set({"statement_timeout": f"{_LIMIT_SECONDS}s"})
        workspace = engine.workspace(target.owner)
        with engine.session.translated():
            rows, figures = workspace.row(profile_query(target.schema, target.name, columns))
            profile = read_profile(int(rows), json.loads(figures), columns)
            few = few_values(profile)
            if not few:
                return profile
            [text] = workspace.row(values_query(target.schema, target.name, few))
    values = json.loads(text)
    known = [replace(c, values=tuple(values[c.name])) if c.name in values else c for c in profile.columns]
    return replace(profile, columns=tuple(known))


def _said(rule: Rule) -> tuple[str, str | None]:
    """Return the kind of a rule, and its column if it is about one."""
    return rule.meaning.kind, next(iter(rule.meaning.arguments.get("column", ())), None)


def _key(found: Suggestion) -> tuple[str, str | None]:
    about_a_column = KINDS[found.kind].parameters[0].sort is Sort.COLUMN
    return found.kind, found.arguments[0] if about_a_column else None


def _row(target: Target, found: Suggestion) -> tuple[str, ...]:
    kind = KINDS[found.kind]
    form = RuleForm(target.schema, target.name, found.name, kind, found.arguments)
    check, arguments = write_check(kind, found.arguments), json.dumps(found.arguments, ensure_ascii=False)
    return found.name, found.kind, check, found.evidence, arguments, write_rule(form)


COMMAND = Command(SuggestQualityRules, suggest_rules, alone=True)
