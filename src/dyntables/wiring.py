"""The one place that builds everything, for client, CLI, server and tests."""

from __future__ import annotations

from dyntables.catalog import Connection
from dyntables.catalog.migrate import migrate
from dyntables.commands.session import Session
from dyntables.compiler.statements import Dialect
from dyntables.engines.at_work import engine_on
from dyntables.engines.postgres.connection.session import connect
from dyntables.engines.postgres.rights.membership import may_act_for, user_of
from dyntables.errors import CatalogError, PermissionDeniedError
from dyntables.refresh.runner import Refresher


def open_session(
    url: str,
    *,
    application_name: str = "dyntables",
    migrated: bool = True,
    dialect: Dialect = Dialect.POSTGRESQL,
    role: str | None = None,
) -> Session:
    """Connect to a database, bring its catalog up to date, and return a session, perhaps one that acts for a role."""
    connection = connect(url, application_name=application_name)
    try:
        if migrated:
            migrate(connection)
        if role is not None:
            _check_role(connection, role)
    except BaseException:
        connection.close()
        raise
    return Session(connection, Refresher(connection, engine_on(connection)), dialect, role)


def _check_role(connection: Connection, role: str) -> None:
    allowed = may_act_for(connection, role)
    if allowed is None:
        raise CatalogError(f'role "{role}" does not exist')
    if not allowed:
        raise PermissionDeniedError(f'user "{user_of(connection)}" cannot act for the role "{role}"')
