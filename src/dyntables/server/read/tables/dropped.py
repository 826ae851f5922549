"""Dropped tables that can be brought back, with what stands in the way."""

from __future__ import annotations

import psycopg
from psycopg.rows import dict_row

from dyntables.errors import NotFoundError, PreconditionError
from dyntables.server.schemas.dropped import DroppedTable

# The drop keeps the table first, and is written into the trail then.
_DROPPED = """
SELECT d.id, d.schema_name, d.table_name AS name, d.schema_name || '.' || d.table_name AS qualified_name,
    d.owner_name AS owner, p.contents ->> 'comment' AS comment, d.dropped_at, d.kept_until,
    (SELECT a.who FROM dyntables.audit a WHERE a.dynamic_table_id = d.id AND a.action = 'DROP'
     AND a.happened_at >= d.dropped_at ORDER BY a.id LIMIT 1) AS dropped_by,
    CASE WHEN to_regclass('dyntables_data.dropped_' || d.id) IS NULL THEN 'CONTENTS_GONE'
         WHEN n.oid IS NULL THEN 'SCHEMA_GONE'
         WHEN EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = d.table_name)
             THEN 'NAME_TAKEN'
         WHEN EXISTS (SELECT FROM dyntables.dropped_table l WHERE l.dropped_at > d.dropped_at
                      AND (l.schema_name, l.table_name) = (d.schema_name, d.table_name)) THEN 'DROPPED_LATER'
    END AS obstacle
FROM dyntables.dropped_table d
JOIN dyntables.dropped_part p ON p.dropped_id = d.id AND p.relation = 'dynamic_table'
LEFT JOIN pg_namespace n ON n.nspname = d.schema_name
WHERE d.kept_until > clock_timestamp() ORDER BY d.dropped_at DESC, d.id DESC
"""


def dropped_tables(connection: psycopg.Connection) -> list[DroppedTable]:
    """Return the dropped tables that are kept, the one that was dropped last first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [DroppedTable.model_validate(row) for row in cursor.execute(_DROPPED)]


def check_dropped(connection: psycopg.Connection, schema: str, name: str, table_id: int | None) -> None:
    """Check that a table of that name was dropped, and that the last one is the one that is meant.

    Raises:
        NotFoundError: there is none, or its retention is over.
        PreconditionError: it is another one.
    """
    found = next((d for d in dropped_tables(connection) if (d.schema_name, d.name) == (schema, name)), None)
    if found is None:
        raise NotFoundError(
            f'there is no dropped dynamic table "{schema}.{name}"',
            hint="It was brought back, or dropped for good: DATA_RETENTION_TIME_IN_DAYS says how long one is kept.",
        )
    if table_id not in (None, found.id):
        raise PreconditionError(
            f'the dynamic table "{schema}.{name}" that was dropped last is another one',
            hint="Read the list of dropped tables again.",
        )
