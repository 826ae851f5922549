"""The one door: text in, result out, for the client, the CLI and the server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from dyntables.catalog import graph, store
from dyntables.commands.command import Command
from dyntables.commands.holding import holding
from dyntables.commands.naming import exists, missing_notice
from dyntables.commands.registry import commands
from dyntables.commands.session import ALTERED, Result, Session
from dyntables.compiler.statements import Dialect, Passthrough, Statement, parse_statement, split_statements
from dyntables.engines.postgres.connection import session as server
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.connection.settings import neutral
from dyntables.errors import EngineError, InsufficientPrivilegeError, PermissionDeniedError
from dyntables.refresh.sources.owning import follow_tables

_OWN = re.compile(r"permission denied for (table (dynamic_table|dependency|audit)|schema dyntables)")


def execute(session: Session, text: str) -> Result:
    """Run one or several statements; return the result of the last."""
    result = Result()
    for piece in split_statements(text, snowflake=session.dialect is Dialect.SNOWFLAKE):
        result = execute_one(session, piece.text)
    return result


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
        return _pass_through(session, text)
    command = commands()[type(statement)]
    try:
        with translated():
            return _run(session, command, statement, text, together=together)
    except InsufficientPrivilegeError as error:
        if _OWN.search(error.message):
            error.hint = (
                "Statements on dynamic tables run over a connection of the user who keeps them, for a role: "
                "dyntables sql --role NAME. The views in the schema dyntables can be read by anyone."
            )
        raise


def _run(session: Session, command: Command[Statement], statement: Statement, text: str, *, together: bool) -> Result:
    connection = session.connection
    if not server.in_transaction(connection):
        with suppress(InsufficientPrivilegeError), translated():  # whoever only looks
            follow_tables(connection)
    command.require(session, statement)
    server.say_who(connection, text, session.role)
    try:
        with neutral(connection) as session.said:
            _check_alone(session, command, statement, together=together)
            return _skipped(session, command, statement) or command.run(session, statement)
    finally:
        server.say_who(connection, "", session.role)


def _check_alone(session: Session, command: Command[Statement], statement: Statement, *, together: bool) -> None:
    if command.runs_alone(statement, together=together) and server.in_transaction(session.connection):
        raise EngineError(
            "a statement that makes, changes, refreshes or drops dynamic tables cannot run inside a transaction block",
            hint="It is a transaction of its own: COMMIT or ROLLBACK first.",
            sqlstate="25001",
        )


def _skipped(session: Session, command: Command[Statement], statement: Statement) -> Result | None:
    """Return the result of a statement with IF EXISTS whose table is not there; None if it is to run."""
    if not command.skips_missing or not getattr(statement, "if_exists", False):
        return None
    name = getattr(statement, "name")  # noqa: B009
    return None if exists(session, name) else Result(status=ALTERED, notices=[missing_notice(session, name)])


def _pass_through(session: Session, text: str) -> Result:
    if session.role is not None:
        raise PermissionDeniedError(
            f'a session that acts for the role "{session.role}" runs statements on dynamic tables only',
            hint="Run other statements over a connection of that role.",
        )
    with translated(text):
        return Result(*server.run(session.connection, text))
