"""Dynamic tables that become plain ones: their contents are copied and take the place of their views."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from dyntables.compiler.names import literal, quote_qualified
from dyntables.engines.postgres.rights.hands import hands_of
from dyntables.engines.postgres.storage.views import belongings

_GRANTEES = """
SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = %s::text::regclass AND a.grantee <> c.relowner
"""


def keep_contents(
    connection: psycopg.Connection, table_id: int, view: tuple[str, str], owner: str, *, filled: bool
) -> None:
    """Copy what a view shows, by the hands of its owner, who may have written another view over it."""
    hands, rows = hands_of(connection, owner), "" if filled else " WITH NO DATA"
    copy = _copy_of(table_id)
    hands.run(f"CREATE TABLE {hands.site(copy)} AS SELECT * FROM {quote_qualified(*view)}{rows}")
    hands.settle(copy)


def take_the_place(
    connection: psycopg.Connection,
    table_id: int,
    view: tuple[str, str],
    comment: str | None,
    columns: Iterable[tuple[str, str]],
) -> None:
    """Put the copy in the place of the view, with what belongs to that, and comments on it and its ``columns``."""
    schema, name = view
    shown, copy = quote_qualified(*view), _copy_of(table_id)
    statements = [*_comments(shown, comment, columns), *(s for _, s in belongings(connection, shown, "TABLE"))]
    connection.execute(f"DROP VIEW {shown}")
    connection.execute(f"ALTER TABLE {copy} SET SCHEMA {quote_qualified(schema)}")
    moved = quote_qualified(schema, copy.rpartition(".")[2])
    connection.execute(f"ALTER TABLE {moved} RENAME TO {quote_qualified(name)}")
    # Default privileges have given it more than the view may have now.
    for (grantee,) in connection.execute(_GRANTEES, (shown,)).fetchall():
        connection.execute(f"REVOKE ALL ON {shown} FROM {grantee}")
    for statement in statements:
        connection.execute(statement)


def _comments(table: str, comment: str | None, columns: Iterable[tuple[str, str]]) -> list[str]:
    """Return what says of the table what was said of the dynamic table; a comment on the view itself comes later."""
    named = [(f"TABLE {table}", comment)] if comment else []
    named += [(f"COLUMN {table}.{quote_qualified(column)}", text) for column, text in columns]
    return [f"COMMENT ON {what} IS {literal(text)}" for what, text in named]


def _copy_of(table_id: int) -> str:
    return f"dyntables_data.dyntables_kept_{table_id}"
