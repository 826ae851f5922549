"""Rows of dynamic tables; the caller owns the transaction."""

from __future__ import annotations

from dyntables.catalog.connection import Connection


def schema_of(connection: Connection, name: str) -> str | None:
    """Return the first schema of the search path that has a dynamic table of that name."""
    row = connection.execute(
        "SELECT schema_name FROM dyntables.dynamic_table WHERE table_name = %s "
        "AND schema_name = ANY(current_schemas(false)) "
        "ORDER BY array_position(current_schemas(false), schema_name::name) LIMIT 1",
        (name,),
    ).fetchone()
    return row[0] if row else None


def set_view(connection: Connection, table_id: int, view: str, *, system: str | None = None) -> None:
    """Record the view of a table, by its quoted name, and the server and database that it is in if it is the first."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET view_oid = %s::regclass, "
        "system_identifier = coalesce(%s, system_identifier) WHERE id = %s",
        (view, system, table_id),
    )


def delete(connection: Connection, table_id: int) -> None:
    """Remove a table from the catalog, with everything that belongs to it."""
    connection.execute("DELETE FROM dyntables.dynamic_table WHERE id = %s", (table_id,))
