"""The view beside a user's view, of the rows that are kept back: it goes where that goes, and is dropped with it."""

from __future__ import annotations

import psycopg

from dyntables.compiler.names import quote_qualified
from dyntables.engines.postgres.rights.hands import Hands
from dyntables.engines.postgres.storage import user_views
from dyntables.engines.postgres.storage.views import briefly, swap_view, view_of


def show_beside(
    connection: psycopg.Connection,
    hands: Hands,
    name: tuple[str, str],
    query: str | None,
    known: int | None,
    *,
    tries: int,
) -> int | None:
    """Let a view show a query under short locks, or drop it without one; return its OID.

    ``known``: the OID that it had, perhaps under another name.
    """
    present = place_of(connection, known)
    if present is not None and (query is None or present != name):
        drop_beside(connection, known)
    if query is None:
        return None
    swap_view(connection, hands, *name, query, tries=tries)
    return view_of(connection, quote_qualified(*name))[0]


def place_of(connection: psycopg.Connection, known: int | None) -> tuple[str, str] | None:
    """Return schema and name that the view has now, None if it is gone."""
    row = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.oid = %s AND c.relkind = 'v'",
        (known,),
    ).fetchone()
    return (row[0], row[1]) if row is not None else None


def drop_beside(connection: psycopg.Connection, known: int | None) -> None:
    """Drop the view, if it is there."""
    present = place_of(connection, known)
    if present is not None:
        briefly(connection, ".".join(present), lambda: user_views.drop(connection, *present))


def move_beside(connection: psycopg.Connection, hands: Hands, known: int | None, new: tuple[str, str]) -> None:
    """Give the view another schema and name, if it is there."""
    present = place_of(connection, known)
    if present is not None:
        briefly(connection, ".".join(present), lambda: user_views.move(hands, present, new))


def exchange_beside(
    connection: psycopg.Connection,
    first: tuple[Hands, int | None, tuple[str, str]],
    second: tuple[Hands, int | None, tuple[str, str]],
) -> None:
    """Give two views, by (whose, OID, new schema and name), other names, one of which the other may have now."""
    hands, known, new = first
    move_beside(connection, hands, known, (new[0], f"dyntables_swap_{known}"))
    for hands, known, new in (second, first):
        move_beside(connection, hands, known, new)
