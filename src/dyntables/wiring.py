"""The one place that builds everything, for client, CLI, server and tests."""

from __future__ import annotations

from dyntables.catalog.migrate import migrate
from dyntables.commands.session import Session
from dyntables.compiler.statements import Dialect
from dyntables.engines.postgres.session import connect
from dyntables.refresh.runner import Refresher


def open_session(
    url: str, *, application_name: str = "dyntables", migrated: bool = True, dialect: Dialect = Dialect.POSTGRESQL
) -> Session:
    """Connect to a database, bring its catalog up to date, and return a session."""
    connection = connect(url, application_name=application_name)
    try:
        if migrated:
            migrate(connection)
    except BaseException:
        connection.close()
        raise
    return Session(connection, Refresher(connection), dialect)
