"""A dynamic table is its view: whoever renames, moves or gives away the view, does that to the table."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import quote_qualified
from dyntables.engines.postgres.connection.session import SYSTEM
from dyntables.engines.postgres.rights.hands import take_over


def follow_tables(connection: psycopg.Connection, ids: Iterable[int] | None = None) -> bool:
    """Let the catalog know tables under the schema, name and owner that their views have; tell if any were others.

    ``ids``: look at these only.
    """
    moved = connection.execute(
        "SELECT id, schema_name, table_name, owner_name FROM "
        f"dyntables.moved_tables({SYSTEM}, %s::bigint[]) m WHERE NOT EXISTS (SELECT FROM dyntables.dynamic_table o "
        "WHERE (o.schema_name, o.table_name) = (m.schema_name, m.table_name) AND o.id <> m.id "
        f"AND o.id NOT IN (SELECT id FROM dyntables.moved_tables({SYSTEM}, %s::bigint[])))",
        (None if ids is None else list(ids),) * 2,
    ).fetchall()
    if not moved:
        return False
    with connection.transaction():
        tables = store.load_all(connection, [table_id for table_id, *_ in moved])
        # They may have exchanged their names, which are unique at every moment.
        for table_id in tables:
            store.update(connection, table_id, table_name=f"dyntables_follow_{table_id}")
        for table_id, schema, name, owner in moved:
            store.update(connection, table_id, schema_name=schema, table_name=name)
            if table_id in tables and tables[table_id].owner != owner:
                give(connection, tables[table_id], owner)
            store.audit(connection, "FOLLOW", tables[table_id].qualified, now=f"{schema}.{name}", owner=owner)
    return True


def give(connection: psycopg.Connection, table: DynamicTable, owner: str) -> None:
    """Give a table to a role, with all that belongs to it; the former owner keeps no right on its change log."""
    store.update(connection, table.id, owner_name=owner)
    take_over(connection, owner, table.id)
    row = connection.execute(
        "SELECT to_regclass(%s) IS NOT NULL AND EXISTS (SELECT FROM pg_roles WHERE rolname = %s)",
        (table.change_log, table.owner),
    ).fetchone()
    if row and row[0] and table.owner != connection.info.user:
        connection.execute(f"REVOKE ALL ON {table.change_log} FROM {quote_qualified(table.owner)}")
