"""Which storage belongs to no present generation of a dynamic table."""

from __future__ import annotations

from dyntables.catalog.connection import Connection

_REMAINS = """
SELECT DISTINCT t.id, t.generation FROM pg_class c
CROSS JOIN LATERAL regexp_match(c.relname, '^t([0-9]+)_g([0-9]+)(_s[0-9]+|_frozen)?$') m
JOIN dyntables.dynamic_table t ON t.id = m[1]::bigint AND t.generation <> m[2]::integer
WHERE c.relnamespace = 'dyntables_data'::regnamespace AND c.relkind = 'r' AND m IS NOT NULL
AND t.frozen ->> 'storage' IS DISTINCT FROM 'dyntables_data.' || c.relname ORDER BY 1
"""


def remains(connection: Connection) -> list[tuple[int, int]]:
    """Return the tables of which there is storage of another generation, each with its present one."""
    return connection.execute(_REMAINS).fetchall()


def is_present(connection: Connection, table_id: int, generation: int) -> bool:
    """Tell whether a table has this generation."""
    row = connection.execute(
        "SELECT 1 FROM dyntables.dynamic_table WHERE id = %s AND generation = %s", (table_id, generation)
    ).fetchone()
    return row is not None
