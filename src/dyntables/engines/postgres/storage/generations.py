"""Generations of storage: a rebuild makes the next one, and the last is dropped when nobody reads it."""

from __future__ import annotations

import psycopg


def drop_generations(connection: psycopg.Connection, table_id: int, keep: int | None) -> list[str]:
    """Drop the storage tables of a dynamic table except those of the generation to keep and what is frozen.

    What readers hold is skipped.
    """
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace AND relkind = 'r' "
        "AND relname ~ %s AND NOT EXISTS (SELECT FROM dyntables.dynamic_table t WHERE t.id = %s "
        "AND t.frozen ->> 'storage' = 'dyntables_data.' || relname)",
        (f"^t{table_id}_g[0-9]+(_s[0-9]+|_frozen)?$", table_id),
    ).fetchall()
    dropped = []
    for (name,) in rows:
        if keep is not None and (name == f"t{table_id}_g{keep}" or name.startswith(f"t{table_id}_g{keep}_s")):
            continue
        try:
            with connection.transaction():
                connection.execute("SELECT set_config('lock_timeout', '50ms', true)")
                connection.execute(f"DROP TABLE dyntables_data.{name}")
            dropped.append(name)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DependentObjectsStillExist):
            continue
    return dropped
