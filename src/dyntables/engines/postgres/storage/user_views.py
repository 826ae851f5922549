"""The view of a dynamic table as a whole: made, given to somebody, moved, put aside, brought back, dropped.

What may wait for readers is done within ``views.briefly``; what others could interfere with, by the owner's hands.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from dyntables.compiler.names import literal, quote_qualified
from dyntables.engines.postgres.rights.hands import Hands
from dyntables.engines.postgres.storage.views import protect_view

_ASIDE = "dyntables_data"


def create_empty(
    connection: psycopg.Connection, hands: Hands, schema: str, name: str, columns: Sequence[tuple[str, str]]
) -> None:
    """Make a view, of columns as (name, type), that tells whoever reads it that the table has no contents yet."""
    view, items = quote_qualified(schema, name), ", ".join(f"NULL::{t} AS {quote_qualified(c)}" for c, t in columns)
    label = literal(f"{schema}.{name}")
    hands.run(f"CREATE VIEW {view} AS SELECT {items} WHERE dyntables.not_initialized({label})")
    protect_view(connection, hands, view)


def exists(connection: psycopg.Connection, schema: str, name: str, oid: int | None) -> bool:
    """Tell whether the view of that name is this one: it may never have been made, or be somebody else's now."""
    row = connection.execute("SELECT to_regclass(%s)::oid = %s", (quote_qualified(schema, name), oid)).fetchone()
    return bool(row and row[0])


def owner_of(connection: psycopg.Connection, oid: int) -> str | None:
    """Return the role that owns a view."""
    row = connection.execute("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = %s", (oid,)).fetchone()
    return row[0] if row else None


def give(connection: psycopg.Connection, schema: str, name: str, role: str) -> None:
    """Let another role own a view."""
    connection.execute(f"ALTER VIEW {quote_qualified(schema, name)} OWNER TO {quote_qualified(role)}")


def move(hands: Hands, old: tuple[str, str], new: tuple[str, str]) -> None:
    """Give a view another schema and name."""
    if old[0] != new[0]:
        hands.run(f"ALTER VIEW {quote_qualified(*old)} SET SCHEMA {quote_qualified(new[0])}")
    if old[1] != new[1]:
        hands.run(f"ALTER VIEW {quote_qualified(new[0], old[1])} RENAME TO {quote_qualified(new[1])}")


def drop(connection: psycopg.Connection, schema: str, name: str) -> None:
    """Drop a view."""
    connection.execute(f"DROP VIEW {quote_qualified(schema, name)}")


def put_aside(connection: psycopg.Connection, schema: str, name: str, aside: str) -> None:
    """Keep a view out of sight, under another name; what the server would say of those who use it, it says now."""
    view = quote_qualified(schema, name)
    with connection.transaction(force_rollback=True):
        connection.execute(f"DROP VIEW {view}")
    connection.execute(f"ALTER VIEW {view} RENAME TO {quote_qualified(aside)}")
    connection.execute(f"ALTER VIEW {quote_qualified(schema, aside)} SET SCHEMA {_ASIDE}")


def is_aside(connection: psycopg.Connection, aside: str) -> bool:
    """Tell whether a view that was put aside is still there."""
    row = connection.execute("SELECT to_regclass(%s)", (quote_qualified(_ASIDE, aside),)).fetchone()
    return bool(row and row[0])


def bring_back(hands: Hands, aside: str, schema: str, name: str) -> None:
    """Give a view that was put aside its schema and name again."""
    move(hands, (_ASIDE, aside), (schema, name))
