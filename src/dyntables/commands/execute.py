"""The one door: text in, result out, for the client, the CLI and the server."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import psycopg

from dyntables.catalog import graph, store
from dyntables.commands import alter
from dyntables.commands.existence import skipped, without_missing
from dyntables.commands.holding import holding
from dyntables.commands.rights import require
from dyntables.commands.session import Result, Session
from dyntables.commands.statements.altering import column_comments, grant, owner, redefine, rename, swap
from dyntables.commands.statements.making import clone, create, drop, or_alter, undrop
from dyntables.commands.statements.running import cancel
from dyntables.commands.statements.showing import explain, explain_changes, explain_or_alter, lineage, show, show_create
from dyntables.compiler.statements import (
    Cancel,
    Clone,
    CommentColumns,
    CreateDynamicTable,
    CreateOrAlter,
    DescribeDynamicTable,
    Dialect,
    DropDynamicTable,
    ExplainChanges,
    ExplainCreateOrAlter,
    ExplainDynamicTable,
    Grant,
    OwnerTo,
    Passthrough,
    Refresh,
    RenameTo,
    Resume,
    Revoke,
    SetOptions,
    ShowColumnLineage,
    ShowCreate,
    ShowDynamicTables,
    Statement,
    Suspend,
    SwapWith,
    Undrop,
    UnsetOptions,
    Verify,
    parse_statement,
    split_statements,
)
from dyntables.engines.postgres.connection.errors import translate
from dyntables.engines.postgres.connection.settings import neutral
from dyntables.errors import DyntablesError, EngineError
from dyntables.refresh.sources.owning import follow_tables


def execute(session: Session, text: str) -> Result:
    """Run one or several statements; return the result of the last."""
    result = Result()
    for piece in split_statements(text, snowflake=session.dialect is Dialect.SNOWFLAKE):
        result = execute_one(session, piece.text)
    return result


_OWN = re.compile(r"permission denied for (table (dynamic_table|dependency|audit)|schema dyntables)")
_COMMANDS: dict[type[Any], Callable[[Session, Any], Result]] = {
    CreateDynamicTable: create.create,
    CreateOrAlter: or_alter.create_or_alter,
    Clone: clone.clone,
    Undrop: undrop.undrop,
    Grant: grant.grant,
    Revoke: grant.revoke,
    ShowDynamicTables: show.show,
    ShowCreate: show_create.show_create,
    DescribeDynamicTable: show.describe,
    ExplainDynamicTable: explain.explain,
    ExplainCreateOrAlter: explain_or_alter.explain,
    ExplainChanges: explain_changes.explain_changes,
    ShowColumnLineage: lineage.show_lineage,
    Refresh: alter.refresh,
    Verify: alter.verify,
    Cancel: cancel.cancel,
    Suspend: alter.suspend,
    Resume: alter.resume,
    SetOptions: redefine.set_options,
    UnsetOptions: redefine.unset_options,
    RenameTo: rename.rename,
    OwnerTo: owner.change_owner,
    SwapWith: swap.swap,
    CommentColumns: column_comments.comment,
}


def execute_together(session: Session, name: tuple[str, str], texts: Sequence[str]) -> None:
    """Run statements that alter one table as one transaction; refreshes of it, and of what reads it, wait."""
    connection = session.connection
    table = store.find(connection, *name)
    held = [table.id, *graph.consumers(store.load_all(connection), table.id)] if table is not None else []
    with holding(connection, held), connection.transaction():
        for text in texts:
            execute_one(session, text, together=True)


def execute_one(session: Session, text: str, *, together: bool = False) -> Result:
    """Run one statement; ``together``: in a transaction whose locks are held until its end."""
    statement = parse_statement(text, snowflake=session.dialect is Dialect.SNOWFLAKE)
    if isinstance(statement, Passthrough):
        require(session, statement)
        return _pass_through(session, text)
    try:
        if session.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            with suppress(psycopg.errors.InsufficientPrivilege):  # whoever only looks
                follow_tables(session.connection)
        require(session, statement)
        _say_who(session, text)
        try:
            with neutral(session.connection) as session.said:
                return _run(session, statement, together=together)
        finally:
            if not session.connection.closed:
                _say_who(session, "")
    except psycopg.errors.InsufficientPrivilege as error:
        raise _not_the_service(error) from error
    except psycopg.Error as error:
        raise translate(error) from error


# They commit on the way, or hold locks of refreshes that end before the transaction around them would.
_ALONE = (
    CreateDynamicTable,
    CreateOrAlter,
    Clone,
    Undrop,
    DropDynamicTable,
    Refresh,
    Verify,
    RenameTo,
    OwnerTo,
    SwapWith,
)


def _run(session: Session, statement: Statement, *, together: bool) -> Result:
    if (
        (isinstance(statement, _ALONE) or redefine.redefines(statement))
        and not (together and isinstance(statement, RenameTo))
        and session.connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
    ):
        raise EngineError(
            "a statement that makes, changes, refreshes or drops dynamic tables cannot run inside a transaction block",
            hint="It is a transaction of its own: COMMIT or ROLLBACK first.",
            sqlstate="25001",
        )
    if isinstance(statement, DropDynamicTable):
        return drop.drop(session, statement)
    left, notices = without_missing(session, statement)
    if left is None:
        return skipped(notices)
    result = _COMMANDS[type(left)](session, left)
    result.notices += notices
    return result


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
