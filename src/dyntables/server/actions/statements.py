"""From requests to statements of the one door, and their run."""

from __future__ import annotations

import psycopg
from fastapi import Response

from dyntables.commands.definition.written import render_lag, render_option
from dyntables.commands.execute import execute_one, execute_together
from dyntables.commands.naming import target
from dyntables.commands.session import Session
from dyntables.compiler.names import literal, quote_qualified
from dyntables.errors import ForbiddenError, PreconditionError, RequestError
from dyntables.server.read.definitions.drafts import parse_create
from dyntables.server.read.tables.ddl import render_create
from dyntables.server.read.tables.listed import etag, find_row
from dyntables.server.schemas.operations import Operation, OperationKind, OperationState
from dyntables.server.schemas.tables import AlterTable, CreateTable, Settable
from dyntables.server.security.roles import Principal, Role
from dyntables.server.services import Services

_KEPT_FOR = Settable.DATA_RETENTION_TIME_IN_DAYS


def creation(session: Session, body: CreateTable) -> tuple[str, str, str]:
    """Return the statement that a request to create means, with schema and name of the table.

    Raises:
        RequestError: it is not exactly one CREATE DYNAMIC TABLE statement, or both forms are mixed.
    """
    parts = body.model_dump(exclude={"sql", "or_replace"}, exclude_none=True)
    if body.sql is not None and (parts or body.or_replace):
        raise RequestError("give either sql, or the parts of the statement")
    if body.sql is None and (body.name is None or body.query is None):
        raise RequestError("name and query are missing", hint="Or give the whole statement as sql.")
    text = body.sql if body.sql is not None else render_create(body)
    return text, *target(session, parse_create(text))


def alterations(schema: str, name: str, body: AlterTable) -> list[str]:
    """Return the statements that a request to alter means; the name is changed last."""
    table = f"ALTER DYNAMIC TABLE {quote_qualified(schema, name)}"
    options = []
    if body.target_lag is not None:
        options.append(f"TARGET_LAG = {render_lag(body.target_lag)}")
    if body.scheduled is not None:
        options.append(f"SCHEDULER = {'ENABLE' if body.scheduled else 'DISABLE'}")
    if body.comment:
        options.append(f"COMMENT = {literal(body.comment)}")
    options += [render_option(option, value) for option, value in body.options.items() if value is not None]
    statements = [f"{table} SET {' '.join(options)}"] if options else []
    unset = [str(option) for option, value in body.options.items() if value is None]
    if body.comment == "":
        unset.append("COMMENT")
    if unset:
        statements.append(f"{table} UNSET {', '.join(unset)}")
    if body.scheduling_state is not None:
        statements.append(f"{table} {'SUSPEND' if body.scheduling_state == 'SUSPENDED' else 'RESUME'}")
    if body.new_name is not None or body.new_schema_name is not None:
        renamed = quote_qualified(body.new_schema_name or schema, body.new_name or name)
        statements.append(f"{table} RENAME TO {renamed}")
    if not statements:
        raise RequestError("nothing is to be changed")
    return statements


def check_etag(connection: psycopg.Connection, schema: str, name: str, if_match: str | None) -> None:
    """Check that a table exists, and is as it was when it was read.

    Raises:
        NotFoundError, PreconditionError: it is not.
    """
    present = etag(find_row(connection, schema, name))
    if if_match not in (None, "*", present):
        raise PreconditionError(
            f'dynamic table "{schema}.{name}" has changed since it was read', hint="Read it again, and repeat."
        )


def run_alterations(session: Session, user: Principal, schema: str, name: str, body: AlterTable) -> None:
    """Alter a table in one transaction; to change more than lag and state takes an editor.

    Raises:
        ForbiddenError: the role is not enough.
    """
    renamed = body.new_name or body.new_schema_name
    if (renamed or body.comment is not None or _KEPT_FOR in body.options) and not user.role.may(Role.EDITOR):
        raise ForbiddenError(
            f'"{user.name}" may not rename, comment, or set the retention', detail=f"It needs the role {Role.EDITOR}."
        )
    execute_together(session, (schema, name), alterations(schema, name, body))


def run_statement(services: Services, user: Principal, kind: OperationKind, name: str, statement: str) -> Operation:
    """Start one statement as an operation."""
    return services.operations.start(
        kind, [name], user.name, lambda session: execute_one(session, statement), role=user.database_role
    )


def finish(services: Services, started: Operation, wait: float, response: Response, done: int = 200) -> Operation:
    """Wait for an operation; set the status, and raise the error of one that failed meanwhile."""
    operation = services.operations.get(started.id, wait_seconds=wait)
    error = services.operations.failure(operation.id)
    if error is not None and wait > 0:
        raise error
    response.status_code = 202 if operation.state is OperationState.RUNNING else done
    return operation
