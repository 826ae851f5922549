"""ALTER DYNAMIC TABLE … ALTER COLUMN … COMMENT."""

from __future__ import annotations

from collections.abc import Iterable

from dyntables.catalog import Connection
from dyntables.catalog.definitions import columns
from dyntables.catalog.past import audit
from dyntables.commands.command import Command
from dyntables.commands.naming import find
from dyntables.commands.session import Result, Session, executed
from dyntables.compiler.statements import CommentColumns
from dyntables.errors import CatalogError


def comment(session: Session, statement: CommentColumns) -> Result:
    """Say what columns mean, or no longer; DESCRIBE shows it."""
    connection = session.connection
    table = find(session, statement.name)
    with connection.transaction():
        comment_columns(connection, table.id, statement.comments)
        audit.record(connection, "COMMENT", table.qualified, {"columns": dict(statement.comments)})
    return executed()


def comment_columns(connection: Connection, table_id: int, comments: Iterable[tuple[str, str | None]]) -> None:
    """Set the comments of columns by name.

    Raises:
        CatalogError: there is no such column.
    """
    for column, text in comments:
        if not columns.comment(connection, table_id, column, text):
            raise CatalogError(f'the dynamic table has no column "{column}"')


COMMAND = Command(CommentColumns, comment)
