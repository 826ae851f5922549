"""SHOW CREATE DYNAMIC TABLE: the statement that makes the table as it is; CREATE OR ALTER of it changes nothing."""

from __future__ import annotations

from dyntables.catalog import Connection
from dyntables.catalog.definitions import columns
from dyntables.catalog.model import DynamicTable
from dyntables.commands.command import Command
from dyntables.commands.definition.written import written
from dyntables.commands.naming import find
from dyntables.commands.rights import Privilege
from dyntables.commands.session import Result, Session
from dyntables.commands.statements.making.or_alter import planned
from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.statements import CreateDynamicTable, Dialect, ShowCreate, parse_statement
from dyntables.errors import DyntablesError
from dyntables.refresh.prepare import follow_names

_STATUS = "SHOW CREATE DYNAMIC TABLE"


def show_create(session: Session, statement: ShowCreate) -> Result:
    """Show the statement, with the query as it was written if that still means the same here."""
    return Result(["statement"], [(create_statement(session, find(session, statement.name)),)], _STATUS)


def create_statement(session: Session, table: DynamicTable) -> str:
    """Return the statement that makes a table as it is."""
    table = follow_names(session.connection, table)
    names, here = _columns(session.connection, table), session.settings()
    text = written(table, names, table.definition.query, dialect=table.definition.options.dialect, here=here)
    if not _means_the_same(session, text):
        text = written(table, names, table.definition.canonical, dialect=None, here=here)
    return text


def _means_the_same(session: Session, text: str) -> bool:
    """Tell whether a statement defines the table as it is: names may lead elsewhere today."""
    parsed = parse_statement(text, snowflake=session.dialect is Dialect.SNOWFLAKE)
    assert isinstance(parsed, CreateDynamicTable)
    try:
        return all(change.what != "query" for change in planned(session, parsed).changes)
    except DyntablesError:
        return False


def _columns(connection: Connection, table: DynamicTable) -> list[str]:
    return [
        quote_qualified(column.name) + (f" COMMENT {literal(column.comment)}" if column.comment is not None else "")
        for column in columns.load(connection, table.id)
    ]


COMMAND = Command(ShowCreate, show_create, needs=Privilege.MONITOR)
