"""Comments on the columns of a dynamic table: they are those of the user's view."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from dyntables.catalog import store
from dyntables.commands.alter import find
from dyntables.commands.session import Result, Session
from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.statements import CommentColumns
from dyntables.engines.postgres.errors import translate
from dyntables.errors import CatalogError


def comment_columns(session: Session, statement: CommentColumns) -> Result:
    """Set or take away the comments of columns."""
    table = find(session, statement.name)
    with session.connection.transaction():
        apply_comments(session.connection, table.schema, table.name, statement.comments)
        comments = {column: comment or "" for column, comment in statement.comments}
        store.audit(session.connection, "COMMENT", table.qualified, columns=comments)
    return Result(["status"], [("statement executed",)], "ALTER DYNAMIC TABLE")


def apply_comments(
    connection: psycopg.Connection, schema: str, name: str, comments: Iterable[tuple[str, str | None]]
) -> None:
    """Write comments of columns to the user's view.

    Raises:
        CatalogError: there is no such column.
    """
    for column, comment in comments:
        text = "NULL" if comment is None else literal(comment)
        try:
            with connection.transaction():
                connection.execute(f"COMMENT ON COLUMN {quote_qualified(schema, name, column)} IS {text}")
        except psycopg.errors.UndefinedColumn:
            raise CatalogError(f'dynamic table "{schema}.{name}" has no column "{column}"') from None
        except psycopg.Error as error:
            raise translate(error) from error
