"""Who did what to which object, for ever."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg.types.json import Jsonb

from dyntables.catalog.connection import Connection


def record(connection: Connection, action: str, name: str, detail: Mapping[str, object] | None = None) -> None:
    """Record an action on an object; who it was, and the statement, the server knows."""
    connection.execute(
        "INSERT INTO dyntables.audit (action, object, detail) VALUES (%s, %s, %s)",
        (action, name, Jsonb(dict(detail or {}))),
    )
