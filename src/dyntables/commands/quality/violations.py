"""The rows that fail a rule, page by page, as they are now; read with the rights of whoever asks."""

from __future__ import annotations

import json
from dataclasses import dataclass

from dyntables import clock
from dyntables.catalog.quality.rule import Rule, Target
from dyntables.commands.quality.following import follow_rules
from dyntables.commands.quality.targets import find_target
from dyntables.commands.session import Session
from dyntables.compiler.quality.measure import failing, page
from dyntables.compiler.quality.quarantine import kept_back_by
from dyntables.compiler.statements import OnViolation, QualifiedName
from dyntables.errors import CatalogError, NotFoundError

_LIMIT_SECONDS = 30
# So that the rows come in the same order for each page.
_IN_ORDER = {"synchronize_seqscans": "off", "max_parallel_workers_per_gather": "0"}


@dataclass(frozen=True, slots=True)
class ViolatingRows:
    """Some rows that fail, as texts; ``more``: there are others after them. ``query``: of all of them."""

    columns: list[str]
    rows: list[list[str | None]]
    more: bool
    query: str
    milliseconds: float


def violating_rows(session: Session, table: tuple[str, str], name: str, limit: int, offset: int) -> ViolatingRows:
    """Return rows that fail a rule; who acts for a role needs that role's right to read them.

    Raises:
        NotFoundError: there is no such table or rule. InsufficientPrivilegeError: the role may not read the rows.
        CatalogError: the rule is about the table as a whole, so that no row fails.
    """
    target = find_target(session, QualifiedName(table))
    rule = _rule(session, target, name)
    query = _query(target, rule)
    if query is None:
        raise CatalogError(f'"{name}" is about "{target.qualified}" as a whole: no single row fails it')
    began = clock.monotonic()
    text = _read(session, session.role or rule.owner or target.owner, page(query, limit + 1, offset))
    found = [list(row.items()) for row in json.loads(text, parse_float=str)]
    columns = [name for name, _ in found[0]] if found else []
    rows = [[_text(value) for _, value in row] for row in found[:limit]]
    return ViolatingRows(columns, rows, len(found) > limit, query, (clock.monotonic() - began) * 1000)


def _query(target: Target, rule: Rule) -> str | None:
    """Return the query of what fails; rows that are kept back are beside the table."""
    if rule.terms.on_violation is OnViolation.QUARANTINE:
        return kept_back_by(rule.name, target.schema, target.name)
    return failing(rule.meaning.question, target.schema, target.name)


def _rule(session: Session, target: Target, name: str) -> Rule:
    with session.connection.transaction():
        rules = follow_rules(session, target)
    rule = next((rule for rule in rules if rule.name == name), None)
    if rule is None:
        raise NotFoundError(f'there is no rule "{name}" on "{target.qualified}"')
    if rule.disabled_reason is not None:
        raise CatalogError(f'the rule "{name}" cannot be checked: {rule.disabled_reason}')
    return rule


def _read(session: Session, reader: str, query: str) -> str:
    engine = session.refresher.engine
    with engine.session.guarded([reader]):
        engine.session.begin()
        engine.session.set({"statement_timeout": f"{_LIMIT_SECONDS}s", **_IN_ORDER})
        with engine.session.translated():
            return str(engine.workspace(reader).row(query)[0])


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
