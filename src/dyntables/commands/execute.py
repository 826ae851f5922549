"""The one door: text in, result out, for the client, the CLI and the server."""

from __future__ import annotations

import psycopg

from dyntables.commands import alter, create, drop, explain, show
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import (
    CreateDynamicTable,
    DescribeDynamicTable,
    DropDynamicTable,
    ExplainChanges,
    ExplainDynamicTable,
    Passthrough,
    Refresh,
    RenameTo,
    Resume,
    SetOptions,
    ShowDynamicTables,
    Suspend,
    UnsetOptions,
    Verify,
    parse_statement,
    split_statements,
)
from dyntables.engines.postgres.errors import translate
from dyntables.errors import StatementSyntaxError


def execute(session: Session, text: str) -> Result:
    """Run one or several statements; return the result of the last."""
    result = Result()
    for piece in split_statements(text):
        result = execute_one(session, piece.text)
    return result


def execute_one(session: Session, text: str) -> Result:
    """Run one statement."""
    statement = parse_statement(text)
    try:
        match statement:
            case CreateDynamicTable():
                return create.create(session, statement)
            case DropDynamicTable():
                return drop.drop(session, statement)
            case ShowDynamicTables():
                return show.show(session, statement)
            case DescribeDynamicTable():
                return show.describe(session, statement)
            case ExplainDynamicTable():
                return explain.explain(session, statement)
            case ExplainChanges():
                return explain.explain_changes(session, statement)
            case Refresh():
                return alter.refresh(session, statement)
            case Verify():
                return alter.verify(session, statement)
            case Suspend():
                return alter.suspend(session, statement)
            case Resume():
                return alter.resume(session, statement)
            case SetOptions():
                return alter.set_options(session, statement)
            case UnsetOptions():
                return alter.unset_options(session, statement)
            case RenameTo():
                return alter.rename(session, statement)
            case Passthrough():
                return _pass_through(session, text)
            case _:
                raise StatementSyntaxError(f"{type(statement).__name__} is not supported yet")
    except psycopg.Error as error:
        raise translate(error) from error


def _pass_through(session: Session, text: str) -> Result:
    try:
        cursor = session.connection.execute(text)
    except psycopg.Error as error:
        raise translate(error, text) from error
    if cursor.description is None:
        return Result(status=cursor.statusmessage or "")
    return Result([c.name for c in cursor.description], cursor.fetchall(), cursor.statusmessage or "")
