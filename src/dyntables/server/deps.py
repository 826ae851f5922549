"""What handlers ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated

import psycopg
from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from dyntables.commands.session import Session
from dyntables.engines.at_work import engine_on
from dyntables.errors import ForbiddenError
from dyntables.refresh.checks import CHECKS
from dyntables.refresh.runner import Refresher
from dyntables.server.security.authenticate import authenticate
from dyntables.server.security.roles import Principal, Role
from dyntables.server.services import Services


def get_services(request: Request) -> Services:
    """Return what requests share."""
    services: Services = request.app.state.services
    return services


Shared = Annotated[Services, Depends(get_services)]


def get_principal(request: Request, services: Shared) -> Principal:
    """Return who asks.

    Raises:
        AuthenticationError, ForbiddenError: nobody we know, or a request that another site may have made.
    """
    principal = authenticate(request, services)
    request.state.user = principal.name
    request.state.database_role = principal.database_role
    services.limits.request(principal)
    return principal


def require(role: Role) -> Callable[[Principal], Principal]:
    """Return a dependency that lets through who has at least a role."""

    def check(principal: Annotated[Principal, Depends(get_principal)]) -> Principal:
        if not principal.role.may(role):
            raise ForbiddenError(
                f'"{principal.name}" may not do this', detail=f"It needs the role {role}, and the role here is "
                f"{principal.role}."
            )  # fmt: skip
        return principal

    check.role = role  # type: ignore[attr-defined]
    return check


Viewer = Annotated[Principal, Depends(require(Role.VIEWER))]
Operator = Annotated[Principal, Depends(require(Role.OPERATOR))]
Editor = Annotated[Principal, Depends(require(Role.EDITOR))]
Admin = Annotated[Principal, Depends(require(Role.ADMIN))]


async def get_connection(request: Request, services: Shared) -> AsyncIterator[psycopg.Connection]:
    """Lend a connection that says for whom and for which request it works.

    Who has to wait for one waits in the loop: in a thread, it would keep the threads from those who have one.
    """
    async with services.limits.connections:
        connection = await run_in_threadpool(_take, request, services)
        try:
            yield connection
        finally:
            services.pool.putconn(connection)


def _take(request: Request, services: Services) -> psycopg.Connection:
    connection = services.pool.getconn()
    try:
        name_connection(connection, getattr(request.state, "correlation_id", ""), getattr(request.state, "user", ""))
    except BaseException:
        services.pool.putconn(connection)
        raise
    return connection


Connection = Annotated[psycopg.Connection, Depends(get_connection)]


def get_session(
    connection: Connection, services: Shared, principal: Annotated[Principal, Depends(get_principal)]
) -> Session:
    """Return a session of commands over the connection of the request, for the role that the person acts for."""
    return Session(
        connection,
        Refresher(connection, engine_on(connection), checks=CHECKS),
        role=principal.database_role,
        readings=services.readings,
    )


CommandSession = Annotated[Session, Depends(get_session)]


def name_connection(connection: psycopg.Connection, correlation_id: str, user: str) -> None:
    """Let pg_stat_activity and the audit trail say what a connection works for."""
    connection.execute(
        "SELECT set_config('application_name', %s, false), set_config('dyntables.user', %s, false)",
        (f"dyntables api {correlation_id}".strip(), user),
    )
