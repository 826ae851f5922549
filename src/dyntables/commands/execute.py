"""The one door: text in, result out, for the client, the CLI and the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg

from dyntables.commands import alter, cancel, comment, create, drop, explain, explain_changes, grant, lineage, show
from dyntables.commands.rights import require
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import (
    Cancel,
    CommentColumns,
    CreateDynamicTable,
    DescribeDynamicTable,
    Dialect,
    DropDynamicTable,
    ExplainChanges,
    ExplainDynamicTable,
    Grant,
    Passthrough,
    Refresh,
    RenameTo,
    Resume,
    Revoke,
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
from dyntables.errors import DyntablesError, NotFoundError


def execute(session: Session, text: str) -> Result:
    """Run one or several statements; return the result of the last."""
    result = Result()
    for piece in split_statements(text, snowflake=session.dialect is Dialect.SNOWFLAKE):
        result = execute_one(session, piece.text)
    return result


_OWN = re.compile(r"permission denied for (table (dynamic_table|dependency|audit)|schema dyntables)")
_COMMANDS: dict[type[Any], Callable[[Session, Any], Result]] = {
    CreateDynamicTable: create.create,
    DropDynamicTable: drop.drop,
    Grant: grant.grant,
    Revoke: grant.revoke,
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
    CommentColumns: comment.comment_columns,
    RenameTo: alter.rename,
}


def execute_one(session: Session, text: str) -> Result:
    """Run one statement."""
    statement = parse_statement(text, snowflake=session.dialect is Dialect.SNOWFLAKE)
    if isinstance(statement, Passthrough):
        require(session, statement)
        return _pass_through(session, text)
    try:
        require(session, statement)
        _say_who(session, text)
        try:
            return _COMMANDS[type(statement)](session, statement)
        except NotFoundError as error:
            if not getattr(statement, "if_exists", False):
                raise
            return Result(status="ALTER DYNAMIC TABLE", notices=[f"{error.message}, skipped"])
        finally:
            if not session.connection.closed:
                _say_who(session, "")
    except psycopg.errors.InsufficientPrivilege as error:
        raise _not_the_service(error) from error
    except psycopg.Error as error:
        raise translate(error) from error


def _say_who(session: Session, text: str) -> None:
    """Let the audit trail know the statement that runs, and for which role."""
    if session.connection.info.transaction_status is not psycopg.pq.TransactionStatus.INERROR:
        session.connection.execute(
            "SELECT set_config('dyntables.statement', %s, false), set_config('dyntables.role', %s, false)",
            (text, session.role or ""),
        )


def _not_the_service(error: psycopg.Error) -> DyntablesError:
    translated = translate(error)
    if _OWN.search(translated.message):
        translated.hint = (
            "Statements on dynamic tables run over a connection of the user who keeps them, for a role: "
            "dyntables sql --role NAME. The views in the schema dyntables can be read by anyone."
        )
    return translated


def _pass_through(session: Session, text: str) -> Result:
    try:
        cursor = session.connection.execute(text)
    except psycopg.Error as error:
        raise translate(error, text) from error
    if cursor.description is None:
        return Result(status=cursor.statusmessage or "")
    return Result([c.name for c in cursor.description], cursor.fetchall(), cursor.statusmessage or "")
