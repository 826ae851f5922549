"""The scores of tables that have rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from dyntables.errors import NotFoundError
from dyntables.server.schemas.quality import ScorePoint, TableScored, TableScores

_TREND = 30
_POINTS = 2000
_TABLES = """
SELECT w.*, s.points FROM (
    SELECT r.dynamic_table_id, r.relation, coalesce(t.schema_name, n.nspname::text) AS schema_name,
           coalesce(t.table_name, c.relname::text) AS name, t.id IS NOT NULL AS dynamic, count(*) AS rules,
           count(*) FILTER (WHERE NOT r.enabled) AS suspended
    FROM dyntables.quality_rule r LEFT JOIN dyntables.dynamic_table t ON t.id = r.dynamic_table_id
    LEFT JOIN pg_class c ON c.oid = r.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE r.id IN (SELECT dyntables.quality_visible(coalesce(%(role)s::name, current_user)))
      AND (%(schema)s::text IS NULL OR (coalesce(t.schema_name, n.nspname), coalesce(t.table_name, c.relname))
           = (%(schema)s, %(name)s))
    GROUP BY 1, 2, 3, 4, 5) w
LEFT JOIN LATERAL (
    SELECT jsonb_agg(to_jsonb(x) ORDER BY x.id DESC) AS points FROM (
        SELECT * FROM dyntables.quality_score q WHERE (w.relation IS NULL OR q.relation = w.relation)
          AND (w.dynamic_table_id IS NULL OR q.dynamic_table_id = w.dynamic_table_id)
        ORDER BY q.id DESC LIMIT %(trend)s) x) s ON true
WHERE w.name IS NOT NULL ORDER BY 3, 4
"""
_WINDOW = """
SELECT * FROM (
    SELECT id, checked_at, data_timestamp, score, health, dimensions, failing, evaluated, active
    FROM dyntables.quality_score
    WHERE (dynamic_table_id = %(table)s OR relation = %(relation)s) AND checked_at BETWEEN %(begin)s AND %(end)s
    ORDER BY id DESC LIMIT %(limit)s) x
ORDER BY id
"""


def tables(connection: psycopg.Connection, role: str | None) -> list[TableScored]:
    """Return the tables with rules that a role may see."""
    return [_scored(row) for row in _read(connection, role, None)]


def of_table(
    connection: psycopg.Connection, role: str | None, table: tuple[str, str], between: tuple[datetime, datetime]
) -> TableScores:
    """Return the scores of a table in a window.

    Raises:
        NotFoundError: it has no rule that the role may see.
    """
    rows = _read(connection, role, table)
    if not rows:
        raise NotFoundError(f'"{table[0]}.{table[1]}" has no quality rules')
    [row] = rows
    key = {"table": row["dynamic_table_id"], "relation": row["relation"]}
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(_WINDOW, {**key, "begin": between[0], "end": between[1], "limit": _POINTS})
        return TableScores(table=_scored(row), points=[ScorePoint.model_validate(p) for p in cursor])


def _read(connection: psycopg.Connection, role: str | None, table: tuple[str, str] | None) -> list[dict[str, Any]]:
    schema, name = table if table is not None else (None, None)
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(_TABLES, {"role": role, "schema": schema, "name": name, "trend": _TREND})
        return cursor.fetchall()


def _scored(row: dict[str, Any]) -> TableScored:
    points = row["points"] or []
    return TableScored(
        schema_name=row["schema_name"],
        name=row["name"],
        dynamic=row["dynamic"],
        rules=row["rules"],
        suspended=row["suspended"],
        latest=ScorePoint.model_validate(points[0]) if points else None,
        previous=ScorePoint.model_validate(points[1]) if len(points) > 1 else None,
        trend=[p["score"] for p in reversed(points)],
    )
