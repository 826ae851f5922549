"""Every definition that a dynamic table has had; the caller owns the transaction."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from dyntables.catalog.connection import Connection
from dyntables.catalog.parts.definition import Definition


def record(connection: Connection, table_id: int, definition: Definition) -> None:
    """Keep a definition for ever."""
    connection.execute(
        "INSERT INTO dyntables.definition_version (dynamic_table_id, version, query, options) VALUES (%s, %s, %s, %s)",
        (table_id, definition.version, definition.query, Jsonb(definition.options.document())),
    )


def forget_after(connection: Connection, table_id: int, version: int) -> None:
    """Forget the definitions that came after one and never held."""
    connection.execute(
        "DELETE FROM dyntables.definition_version WHERE dynamic_table_id = %s AND version > %s", (table_id, version)
    )
