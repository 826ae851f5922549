"""What checks of rules have found: their history, and two instants side by side."""

from __future__ import annotations

from datetime import datetime

import psycopg
from psycopg.rows import dict_row

from dyntables.server.paging import decode_cursor, encode_cursor
from dyntables.server.read.quality.rules import RuleFilter
from dyntables.server.schemas.base import Page
from dyntables.server.schemas.quality import ResultOfRule, RuleComparison, RuleResult

_FIGURES = (
    "q.state, q.checked, q.failed, q.score, q.error, q.duration_ms, q.checked_at, q.data_timestamp, "
    "q.rule_version AS version"
)
_NAMED = """
SELECT r.id, coalesce(t.schema_name, n.nspname::text) AS schema_name,
       coalesce(t.table_name, c.relname::text) AS table_name, r.rule_name, r.kind, r.severity
FROM dyntables.quality_rule r LEFT JOIN dyntables.dynamic_table t ON t.id = r.dynamic_table_id
LEFT JOIN pg_class c ON c.oid = r.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.id IN (SELECT dyntables.quality_visible(coalesce(%(role)s::name, current_user)))
"""
_HISTORY = f"""
SELECT q.id, r.schema_name, r.table_name, r.rule_name, r.kind, {_FIGURES}
FROM ({_NAMED}) r JOIN dyntables.quality_result q ON q.rule_id = r.id
WHERE r.table_name IS NOT NULL AND (%(schema)s::text IS NULL OR r.schema_name = %(schema)s)
  AND (%(table)s::text IS NULL OR r.table_name = %(table)s) AND (%(rule)s::text IS NULL OR r.rule_name = %(rule)s)
  AND (%(states)s::text[] IS NULL OR q.state = ANY(%(states)s))
  AND (%(begin)s::timestamptz IS NULL OR q.checked_at >= %(begin)s)
  AND (%(end)s::timestamptz IS NULL OR q.checked_at <= %(end)s)
  AND (%(after)s::bigint IS NULL OR q.id < %(after)s)
ORDER BY q.id DESC LIMIT %(limit)s
"""
_AT = f"""
SELECT r.rule_name AS name, r.kind, r.severity, b.result AS before, a.result AS after
FROM ({_NAMED}) r
LEFT JOIN LATERAL (SELECT to_jsonb(x) AS result FROM (
    SELECT {_FIGURES} FROM dyntables.quality_result q WHERE q.rule_id = r.id AND q.checked_at <= %(before)s
    ORDER BY q.id DESC LIMIT 1) x) b ON true
LEFT JOIN LATERAL (SELECT to_jsonb(x) AS result FROM (
    SELECT {_FIGURES} FROM dyntables.quality_result q WHERE q.rule_id = r.id AND q.checked_at <= %(after)s
    ORDER BY q.id DESC LIMIT 1) x) a ON true
WHERE (r.schema_name, r.table_name) = (%(schema)s, %(table)s) ORDER BY r.rule_name
"""


def history(
    connection: psycopg.Connection,
    role: str | None,
    which: RuleFilter,
    between: tuple[datetime | None, datetime | None],
    limit: int,
    cursor: str | None,
) -> Page[ResultOfRule]:
    """Return one page of results, the newest first."""
    after = decode_cursor(cursor, int)
    with connection.cursor(row_factory=dict_row) as rows:
        rows.execute(
            _HISTORY,
            {
                "role": role, "schema": which.schema_name, "table": which.table_name, "rule": which.rule,
                "states": list(which.states) if which.states else None, "begin": between[0], "end": between[1],
                "after": after[0] if after else None, "limit": limit + 1,
            },
        )  # fmt: skip
        found = rows.fetchall()
    items = [
        ResultOfRule(
            schema_name=row["schema_name"],
            table_name=row["table_name"],
            rule_name=row["rule_name"],
            kind=row["kind"],
            result=RuleResult.model_validate(row),
        )
        for row in found[:limit]
    ]
    more = len(found) > limit
    return Page(items=items, next_cursor=encode_cursor(found[limit - 1]["id"]) if more else None)


def compared(
    connection: psycopg.Connection, role: str | None, table: tuple[str, str], before: datetime, after: datetime
) -> list[RuleComparison]:
    """Return what was known of each rule of a table at two instants."""
    with connection.cursor(row_factory=dict_row) as rows:
        rows.execute(_AT, {"role": role, "schema": table[0], "table": table[1], "before": before, "after": after})
        return [RuleComparison.model_validate(row) for row in rows]
