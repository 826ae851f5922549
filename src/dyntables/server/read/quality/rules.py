"""Rules with what the newest checks found, as far as a role may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from dyntables.compiler.quality.catalogue import KINDS
from dyntables.compiler.quality.kind import Kind, Sort
from dyntables.compiler.quality.writing import name
from dyntables.compiler.statements.cursor import Cursor
from dyntables.errors import NotFoundError
from dyntables.health.quality import RuleState
from dyntables.server.paging import decode_cursor, encode_cursor
from dyntables.server.schemas.base import Page
from dyntables.server.schemas.quality import QualityKind, QualityParameter, QualityRule

_RULES = """
SELECT * FROM (
    SELECT r.id, coalesce(t.schema_name, n.nspname::text) AS schema_name,
           coalesce(t.table_name, c.relname::text) AS table_name, r.rule_name AS name, r.kind, r.written AS definition,
           r.arguments AS stored, r.predicate, r.filter AS "where", r.dimension, r.severity, r.tolerance,
           r.tolerance_percent, r.on_violation, coalesce(t.owner_name, r.owner_name) AS owner,
           t.id IS NOT NULL AS dynamic, r.enabled, r.disabled_reason, r.evaluation,
           r.evaluation_reason, r.comment, r.version, r.altered_at
    FROM dyntables.quality_rule r LEFT JOIN dyntables.dynamic_table t ON t.id = r.dynamic_table_id
    LEFT JOIN pg_class c ON c.oid = r.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE r.id IN (SELECT dyntables.quality_visible(coalesce(%(role)s::name, current_user)))) r
LEFT JOIN LATERAL (
    SELECT to_jsonb(q) - 'id' - 'rule_id' || jsonb_build_object('version', q.rule_version) AS result
    FROM dyntables.quality_result q WHERE q.rule_id = r.id ORDER BY q.id DESC LIMIT 1) l ON true
LEFT JOIN LATERAL (
    SELECT q.state AS previous_state FROM dyntables.quality_result q WHERE q.rule_id = r.id
    ORDER BY q.id DESC OFFSET 1 LIMIT 1) p ON true
WHERE r.table_name IS NOT NULL AND (%(schema)s::text IS NULL OR schema_name = %(schema)s)
  AND (%(table)s::text IS NULL OR table_name = %(table)s) AND (%(rule)s::text IS NULL OR name = %(rule)s)
  AND (%(text)s::text IS NULL
       OR position(lower(%(text)s) IN lower(schema_name || '.' || table_name || ' ' || name || ' ' || definition)) > 0)
  AND (%(states)s::text[] IS NULL OR coalesce(l.result ->> 'state', 'NOT_EVALUATED') = ANY(%(states)s))
  AND (%(after)s::text[] IS NULL OR ARRAY[schema_name, table_name, name] > %(after)s::text[])
ORDER BY ARRAY[schema_name, table_name, name] LIMIT %(limit)s
"""
_INTERNAL = ("id", "stored")


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """Which rules to list; None does not matter."""

    text: str | None = None
    schema_name: str | None = None
    table_name: str | None = None
    states: Sequence[RuleState] | None = None
    rule: str | None = None


def kinds() -> list[QualityKind]:
    """Return the kinds of rules, by name."""
    return [_kind(kind) for kind in KINDS.values()]


def listed(
    connection: psycopg.Connection, role: str | None, which: RuleFilter, limit: int, cursor: str | None
) -> Page[QualityRule]:
    """Return one page of the rules that a role may see, by table and name."""
    found = _read(connection, role, which, limit + 1, decode_cursor(cursor, str, str, str))
    last = found[limit - 1] if len(found) > limit else None
    more = encode_cursor(last.schema_name, last.table_name, last.name) if last is not None else None
    return Page(items=found[:limit], next_cursor=more)


def one(connection: psycopg.Connection, role: str | None, schema: str, table: str, rule: str) -> QualityRule:
    """Return a rule.

    Raises:
        NotFoundError: there is none of that name, or the role may not see it.
    """
    found = _read(connection, role, RuleFilter(None, schema, table, None, rule), 1, None)
    if not found:
        raise NotFoundError(f'there is no rule "{rule}" on "{schema}.{table}"')
    return found[0]


def _read(
    connection: psycopg.Connection, role: str | None, which: RuleFilter, limit: int, after: tuple[Any, ...] | None
) -> list[QualityRule]:
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            _RULES,
            {
                "role": role, "schema": which.schema_name, "table": which.table_name, "rule": which.rule,
                "text": which.text, "states": list(which.states) if which.states else None,
                "after": list(after) if after is not None else None, "limit": limit,
            },
        )  # fmt: skip
        return [
            QualityRule(
                arguments=typed(row["kind"], row["stored"]), **{k: v for k, v in row.items() if k not in _INTERNAL}
            )
            for row in cursor
        ]


def typed(kind: str, stored: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the arguments of a rule as they are typed into a form."""
    found: list[str] = []
    for parameter in KINDS[kind].parameters:
        found += [_typed(parameter.sort, text) for text in stored.get(parameter.name, ())]
    return found


def _typed(sort: Sort, text: str) -> str:
    if sort in (Sort.EXPRESSION, Sort.PREDICATE):
        return text[1:-1]
    if sort is Sort.RELATION:
        return ".".join(name(part) for part in Cursor(text).name().parts)
    return text


def _kind(kind: Kind) -> QualityKind:
    return QualityKind(
        name=kind.name,
        dimension=kind.dimension,
        says=kind.says,
        signature=kind.signature,
        parameters=[
            QualityParameter(name=p.name, sort=p.sort, many=p.many, least=p.least, words=list(p.words))
            for p in kind.parameters
        ],
        of_rows=kind.predicate is not None,
        dynamic_only=kind.dynamic,
    )
