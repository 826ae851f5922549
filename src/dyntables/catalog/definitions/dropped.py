"""Dropped tables that are kept: their rows leave the catalog as a whole, and come back as a whole.

While they are away nothing knows of them: no log waits for them, no source is captured for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

# What belongs to a dynamic table is what goes with its row.
_BELONGINGS = """
SELECT c.relname, a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
WHERE k.contype = 'f' AND k.confdeltype = 'c' AND k.confrelid = 'dyntables.dynamic_table'::regclass
ORDER BY c.relname
"""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A dropped table; ``row`` is its row of the catalog, ``over`` whether its retention is."""

    id: int
    schema: str
    name: str
    owner: str
    dropped_at: datetime
    kept_until: datetime
    over: bool
    row: dict[str, Any]

    @property
    def qualified(self) -> str:
        """``schema.name``, for people."""
        return f"{self.schema}.{self.name}"

    @property
    def view(self) -> str:
        """The name that its view has meanwhile, in the schema of storage."""
        return view_aside(self.id)


def view_aside(table_id: int) -> str:
    """Return the name that the view of a dropped table has, in the schema of storage."""
    return f"dropped_{table_id}"


def keep(connection: psycopg.Connection, table_id: int, days: int) -> None:
    """Keep what the catalog has of a table that is about to be deleted from it; the caller owns the transaction."""
    connection.execute(
        "INSERT INTO dyntables.dropped_table (id, schema_name, table_name, owner_name, created_at, kept_until) "
        "SELECT id, schema_name, table_name, owner_name, created_at, clock_timestamp() + %s * interval '1 day' "
        "FROM dyntables.dynamic_table WHERE id = %s",
        (days, table_id),
    )
    for relation, column in [("dynamic_table", "id"), *connection.execute(_BELONGINGS).fetchall()]:
        query = sql.SQL("INSERT INTO dyntables.dropped_part SELECT %s, %s, to_jsonb(r) FROM {} r WHERE {} = %s")
        name = sql.Identifier("dyntables", relation)
        connection.execute(query.format(name, sql.Identifier(column)), (table_id, relation, table_id))


def find_dropped(connection: psycopg.Connection, schema: str, name: str) -> Dropped | None:
    """Return the table of that name that was dropped last, locked until the transaction ends."""
    row = connection.execute(
        "SELECT d.id, d.schema_name, d.table_name, coalesce((SELECT pg_get_userbyid(c.relowner)::text FROM pg_class c "
        "WHERE c.oid = to_regclass('dyntables_data.dropped_' || d.id)), d.owner_name), d.dropped_at, d.kept_until, "
        "d.kept_until <= clock_timestamp(), p.contents FROM dyntables.dropped_table d JOIN dyntables.dropped_part p "
        "ON p.dropped_id = d.id AND p.relation = 'dynamic_table' WHERE d.schema_name = %s AND d.table_name = %s "
        "ORDER BY d.dropped_at DESC LIMIT 1 FOR UPDATE OF d",
        (schema, name),
    ).fetchone()
    return Dropped(*row) if row else None


def restore(connection: psycopg.Connection, dropped: Dropped) -> None:
    """Bring the rows back, except for what the table reads, and those that name roles which are gone."""
    parts = connection.execute(
        "SELECT relation, (SELECT array_agg(k) FROM jsonb_object_keys((array_agg(contents))[1]) k "
        "WHERE k IN (SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('dyntables.' || relation) "
        "AND attnum > 0 AND NOT attisdropped)) FROM dyntables.dropped_part WHERE dropped_id = %s "
        "AND relation <> 'dependency' AND to_regclass('dyntables.' || relation) IS NOT NULL "
        "GROUP BY relation ORDER BY relation <> 'dynamic_table', relation",
        (dropped.id,),
    ).fetchall()
    for relation, columns in parts:
        query = sql.SQL(
            "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} FROM dyntables.dropped_part p, "
            "jsonb_populate_record(NULL::{table}, p.contents) r WHERE p.dropped_id = %s AND p.relation = %s"
        )
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        values = sql.SQL(", ").join(sql.Identifier("r", column) for column in columns)
        table = sql.Identifier("dyntables", relation)
        connection.execute(query.format(table=table, columns=names, values=values), (dropped.id, relation))
    # That of the view, which may be called otherwise by now.
    connection.execute("UPDATE dyntables.dynamic_table SET owner_name = %s WHERE id = %s", (dropped.owner, dropped.id))
    connection.execute(
        "DELETE FROM dyntables.privilege WHERE dynamic_table_id = %s AND grantee <> 0 "
        "AND grantee NOT IN (SELECT oid FROM pg_roles)",
        (dropped.id,),
    )
    forget(connection, dropped.id)


def stored_dependencies(connection: psycopg.Connection, dropped: Dropped) -> list[dict[str, Any]]:
    """Return the rows of what a dropped table read."""
    rows = connection.execute(
        "SELECT contents FROM dyntables.dropped_part WHERE dropped_id = %s AND relation = 'dependency'", (dropped.id,)
    )
    return [contents for (contents,) in rows]


def forget(connection: psycopg.Connection, table_id: int) -> None:
    """Keep a dropped table no longer."""
    connection.execute("DELETE FROM dyntables.dropped_table WHERE id = %s", (table_id,))


def over(connection: psycopg.Connection) -> list[int]:
    """Return the dropped tables whose retention is over."""
    rows = connection.execute(
        "SELECT id FROM dyntables.dropped_table WHERE kept_until <= clock_timestamp() ORDER BY id"
    )
    return [table_id for (table_id,) in rows]


def lock(connection: psycopg.Connection, table_id: int) -> bool:
    """Lock a dropped table until the transaction ends, so that nobody brings it back; tell if it is there and free."""
    query = "SELECT FROM dyntables.dropped_table WHERE id = %s FOR UPDATE SKIP LOCKED"
    return connection.execute(query, (table_id,)).fetchone() is not None
