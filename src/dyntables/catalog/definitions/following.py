"""Writing down what became of a dynamic table outside of it: other names, another owner, what it reads renamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from dyntables.catalog.connection import Connection
from dyntables.catalog.options import TableOptions
from dyntables.compiler.names import SYSTEM

# Not those whose new name a table has that keeps it.
_MOVED = f"""
SELECT id, schema_name, table_name, owner_name FROM dyntables.moved_tables({SYSTEM}, %(ids)s::bigint[]) m
WHERE NOT EXISTS (SELECT FROM dyntables.dynamic_table o
    WHERE (o.schema_name, o.table_name) = (m.schema_name, m.table_name) AND o.id <> m.id
    AND o.id NOT IN (SELECT id FROM dyntables.moved_tables({SYSTEM}, %(ids)s::bigint[])))
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the view of a table is now, and whose it is."""

    table_id: int
    schema: str
    name: str
    owner: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What a definition says under the present names, and what depends on its words."""

    canonical: str
    options: TableOptions
    frozen: dict[str, Any]
    layout: str | None


def moved_tables(connection: Connection, ids: Sequence[int] | None = None) -> list[Place]:
    """Return the tables whose views have another schema, name or owner than the catalog says; ``ids``: of these."""
    rows = connection.execute(_MOVED, {"ids": None if ids is None else list(ids)})
    return [Place(*row) for row in rows]


def put_aside(connection: Connection, ids: Sequence[int]) -> None:
    """Give tables names that nobody else has, before they get those of others."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET table_name = 'dyntables_follow_' || id WHERE id = ANY(%s)", (list(ids),)
    )


def rename(connection: Connection, table_id: int, schema: str, name: str) -> None:
    """Give a table its name."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET schema_name = %s, table_name = %s WHERE id = %s", (schema, name, table_id)
    )


def give(connection: Connection, table_id: int, owner: str) -> None:
    """Record whose a table is."""
    connection.execute("UPDATE dyntables.dynamic_table SET owner_name = %s WHERE id = %s", (owner, table_id))


def set_fingerprint(connection: Connection, table_id: int, fingerprint: dict[str, Any]) -> None:
    """Record how what a table reads was when it was looked at."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET fingerprint = %s WHERE id = %s", (Jsonb(fingerprint), table_id)
    )


def set_text(connection: Connection, table_id: int, canonical: str, fingerprint: dict[str, Any]) -> None:
    """Record what a definition says, and the fingerprint of what it reads under the names in it."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET canonical = %s, fingerprint = %s WHERE id = %s",
        (canonical, Jsonb(fingerprint), table_id),
    )


def reword(connection: Connection, table_id: int, wording: Wording, reason: str | None) -> None:
    """Record what a definition says; ``reason``: why it is to be computed anew, unless it is for another reason."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET canonical = %s, options = %s, frozen = %s, layout = %s, "
        "reinitialize_reason = coalesce(reinitialize_reason, %s) WHERE id = %s",
        (wording.canonical, Jsonb(wording.options.document()), Jsonb(wording.frozen), wording.layout, reason, table_id),
    )


def redefine(connection: Connection, table_id: int, canonical: str, reason: str) -> None:
    """Record what a definition says that is to be computed anew, and why."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET canonical = %s, reinitialize_reason = %s WHERE id = %s",
        (canonical, reason, table_id),
    )


def reinitialize(connection: Connection, table_id: int, reason: str) -> None:
    """Have a table computed anew, unless it is for another reason."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET reinitialize_reason = coalesce(reinitialize_reason, %s) WHERE id = %s",
        (reason, table_id),
    )
