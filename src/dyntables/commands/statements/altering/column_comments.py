"""ALTER DYNAMIC TABLE … ALTER COLUMN … COMMENT."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from dyntables.catalog import store
from dyntables.commands.alter import find
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import CommentColumns
from dyntables.errors import CatalogError


def comment(session: Session, statement: CommentColumns) -> Result:
    """Say what columns mean, or no longer; DESCRIBE shows it."""
    connection = session.connection
    table = find(session, statement.name)
    with connection.transaction():
        comment_columns(connection, table.id, statement.comments)
        store.audit(connection, "COMMENT", table.qualified, columns=dict(statement.comments))
    return Result(["status"], [("statement executed",)], "ALTER DYNAMIC TABLE")


def comment_columns(connection: psycopg.Connection, table_id: int, comments: Iterable[tuple[str, str | None]]) -> None:
    """Set the comments of columns by name.

    Raises:
        CatalogError: there is no such column.
    """
    for column, text in comments:
        done = connection.execute(
            "UPDATE dyntables.dynamic_table_column SET comment = %s WHERE dynamic_table_id = %s AND column_name = %s",
            (text, table_id, column),
        )
        if not done.rowcount:
            raise CatalogError(f'the dynamic table has no column "{column}"')
