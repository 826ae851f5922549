"""The one door: text in, result out, for the client, the CLI and the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from dyntables.commands import alter, cancel, create, drop, explain, explain_changes, lineage, show
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import (
    Cancel,
    CreateDynamicTable,
    DescribeDynamicTable,
    Dialect,
    DropDynamicTable,
    ExplainChanges,
    ExplainDynamicTable,
    Passthrough,
    Refresh,
    RenameTo,
    Resume,
    SetOptions,
    ShowColumnLineage,
    ShowDynamicTables,
    Suspend,
    UnsetOptions,
    Verify,
    parse_statement,
    split_statements,
)
from dyntables.engines.postgres.errors import translate


def execute(session: Session, text: str) -> Result:
    """Run one or several statements; return the result of the last."""
    result = Result()
    for piece in split_statements(text, snowflake=session.dialect is Dialect.SNOWFLAKE):
        result = execute_one(session, piece.text)
    return result


_COMMANDS: dict[type[Any], Callable[[Session, Any], Result]] = {
    CreateDynamicTable: create.create,
    DropDynamicTable: drop.drop,
    ShowDynamicTables: show.show,
    DescribeDynamicTable: show.describe,
    ExplainDynamicTable: explain.explain,
    ExplainChanges: explain_changes.explain_changes,
    ShowColumnLineage: lineage.show_lineage,
    Refresh: alter.refresh,
    Verify: alter.verify,
    Cancel: cancel.cancel,
    Suspend: alter.suspend,
    Resume: alter.resume,
    SetOptions: alter.set_options,
    UnsetOptions: alter.unset_options,
    RenameTo: alter.rename,
}


def execute_one(session: Session, text: str) -> Result:
    """Run one statement."""
    statement = parse_statement(text, snowflake=session.dialect is Dialect.SNOWFLAKE)
    if isinstance(statement, Passthrough):
        return _pass_through(session, text)
    try:
        return _COMMANDS[type(statement)](session, statement)
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
