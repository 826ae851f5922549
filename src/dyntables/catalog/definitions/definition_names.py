"""What was recorded of the names in a definition's text, and how what it read is called now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from dyntables.catalog.connection import Connection

_CALLED = """
SELECT n.nspname, c.relname, (SELECT jsonb_object_agg(attnum::text, attname) FROM pg_attribute
    WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
    (SELECT coalesce(jsonb_object_agg(o -> 'name' ->> 0, o ->> 'sub') FILTER (WHERE
    (o ->> 'oid')::oid = c.oid AND o ->> 'sort' IN ('column', 'view column')), '{}')
    FROM dyntables.definition_names d,
    jsonb_array_elements(d.names -> 'objects') o WHERE d.dynamic_table_id = %s HAVING count(*) > 0)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = %s AND c.relkind <> 'c'
"""


@dataclass(frozen=True, slots=True)
class Called:
    """How a relation is called now.

    ``columns``: their names by their numbers. ``recorded``: the numbers of those that a definition names, by the names
    that it has for them, if that was recorded.
    """

    schema: str
    name: str
    columns: dict[str, str]
    recorded: dict[str, str] | None


def load(connection: Connection, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return what was recorded of the definitions of tables, by id."""
    query = "SELECT dynamic_table_id, names FROM dyntables.definition_names WHERE dynamic_table_id = ANY(%s)"
    return dict(connection.execute(query, (list(ids),)).fetchall())


def save(connection: Connection, table_id: int, stamp: str, names: dict[str, Any]) -> None:
    """Record what a definition names; ``stamp``: which text that was."""
    connection.execute(
        "INSERT INTO dyntables.definition_names VALUES (%(id)s, %(stamp)s, %(names)s) "
        "ON CONFLICT (dynamic_table_id) DO UPDATE SET stamp = excluded.stamp, names = excluded.names",
        {"id": table_id, "stamp": stamp, "names": Jsonb(names)},
    )


def forget(connection: Connection, table_id: int) -> None:
    """Forget what a definition names."""
    connection.execute("DELETE FROM dyntables.definition_names WHERE dynamic_table_id = %s", (table_id,))


def called(connection: Connection, relation: int, table_id: int | None) -> Called | None:
    """Return how a relation is called now, None if it is gone; ``table_id``: whose record of columns is wanted."""
    row = connection.execute(_CALLED, (table_id, relation)).fetchone()
    return None if row is None else Called(*row)
