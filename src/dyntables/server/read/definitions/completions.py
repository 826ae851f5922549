"""What an editor completes."""

from __future__ import annotations

import psycopg
from psycopg.rows import dict_row

from dyntables.server.schemas.catalog import Completions, CompletionSchema, CompletionTable, ForeignKey
from dyntables.server.schemas.tables import TableColumn

_MOST = 2000

_TABLES = """
SELECT n.nspname, c.relname, CASE WHEN t.id IS NOT NULL THEN 'DYNAMIC_TABLE' WHEN c.relkind = 'v' THEN 'VIEW'
       WHEN c.relkind = 'm' THEN 'MATERIALIZED_VIEW' WHEN c.relkind = 'f' THEN 'FOREIGN_TABLE' ELSE 'TABLE' END,
       coalesce(t.comment, obj_description(c.oid, 'pg_class')),
       ARRAY(SELECT ARRAY[a.attname, format_type(a.atttypid, a.atttypmod)] FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN dyntables.dynamic_table t ON t.view_oid = c.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname NOT LIKE 'pg\\_%%'
  AND n.nspname NOT IN ('information_schema', 'dyntables', 'dyntables_data', 'dyntables_log', 'dyntables_snowflake')
  AND (%(prefix)s::text IS NULL OR starts_with(lower(n.nspname || '.' || c.relname), lower(%(prefix)s))
       OR starts_with(lower(c.relname), lower(%(prefix)s)))
ORDER BY n.nspname, c.relname LIMIT %(limit)s
"""
_FUNCTIONS = """
SELECT DISTINCT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'pg_catalog' AND p.prokind IN ('f', 'a', 'w') AND NOT p.prorettype = 'trigger'::regtype
  AND p.proname !~ '^(pg_|_|binary_|has_|.*(in|out|recv|send|typmod.*|_ops?|sel|joinsel)$)'
ORDER BY 1 LIMIT 1000
"""

_FOREIGN_KEYS = """
SELECT n.nspname AS schema_name, c.relname AS name, m.nspname AS references_schema, r.relname AS references,
       ARRAY(SELECT a.attname FROM unnest(k.conkey) WITH ORDINALITY u(n, o) JOIN pg_attribute a
             ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.o)::text[] AS columns,
       ARRAY(SELECT a.attname FROM unnest(k.confkey) WITH ORDINALITY u(n, o) JOIN pg_attribute a
             ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.o)::text[] AS referenced_columns
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace m ON m.oid = r.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 ORDER BY 1, 2, k.conname LIMIT %s
"""

OPTIONS = {
    "TARGET_LAG": ["'1 minute'", "'5 minutes'", "'1 hour'", "'1 day'", "DOWNSTREAM"],
    "REFRESH_MODE": ["AUTO", "ADAPTIVE", "INCREMENTAL", "FULL"],
    "INITIALIZE": ["ON_CREATE", "ON_SCHEDULE"],
    "SCHEDULE": ["'0 * * * *'", "'0 3 * * * Europe/Berlin'"],
    "SCHEDULER": ["ENABLE", "DISABLE"],
    "WORK_MEM": ["'256MB'"],
    "MAX_PARALLEL_WORKERS": ["2"],
    "STATEMENT_TIMEOUT": ["'10 minutes'"],
    "LOCK_TIMEOUT": ["'5 seconds'"],
    "SUSPEND_AFTER_FAILURES": ["5", "0"],
    "DIALECT": ["POSTGRESQL", "SNOWFLAKE"],
    "COMMENT": ["''"],
}


def complete(connection: psycopg.Connection, prefix: str | None) -> Completions:
    """Return the relations that may be named, of which name or schema begins with a prefix."""
    rows = connection.execute(_TABLES, {"prefix": prefix, "limit": _MOST + 1}).fetchall()
    schemas: dict[str, list[CompletionTable]] = {}
    for schema, name, kind, comment, columns in rows[:_MOST]:
        shown = [TableColumn(name=c, type=t) for c, t in columns]
        schemas.setdefault(schema, []).append(CompletionTable(name=name, kind=kind, comment=comment, columns=shown))
    with connection.cursor(row_factory=dict_row) as cursor:
        keys = cursor.execute(_FOREIGN_KEYS, (_MOST,)).fetchall()
    path = connection.execute("SELECT current_schemas(false)::text[]").fetchone()
    return Completions(
        search_path=path[0] if path is not None else [],
        schemas=[CompletionSchema(name=s, tables=t) for s, t in schemas.items()],
        foreign_keys=[ForeignKey(**key) for key in keys if key["schema_name"] in schemas],
        functions=[name for (name,) in connection.execute(_FUNCTIONS)],
        options=OPTIONS,
        truncated=len(rows) > _MOST,
    )
