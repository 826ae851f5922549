"""As whom the SQL console reads: a login of its own, or else the service itself, and then for admins only."""

from __future__ import annotations

import threading

import psycopg
from psycopg_pool import ConnectionPool

from dyntables.engines.postgres.connection.session import connect
from dyntables.engines.postgres.people.reader import READER, grant_reading, make_reader, reader_url, too_powerful
from dyntables.engines.postgres.people.reading import open_reading_pool
from dyntables.errors import ForbiddenError
from dyntables.server.console.console import Access, Console
from dyntables.server.security.roles import Principal, Role
from dyntables.settings import Settings

MAKE_ONE = "dyntables console-role create makes such a role, and prints the setting: docs/server.md."


def open_access(
    connection: psycopg.Connection,
    settings: Settings,
    url: str,
    pool: ConnectionPool[psycopg.Connection],
    *,
    embedded: bool,
) -> Access:
    """Open the connections of the console.

    Args:
        connection: one of the service.
        settings: how many, and the URL of a role that was made for the console.
        url: the service's own.
        pool: of the service.
        embedded: whether the role is ours to make.

    Raises:
        ConnectionFailedError: the console's role cannot connect.
    """
    size = max(2, settings.pool_size // 2)
    stored = open_reading_pool(url, size=size)
    if settings.query_database is not None:
        reading_url = settings.query_database.get_secret_value()
        with connect(reading_url, application_name="dyntables console") as asking:
            role, problem = asking.info.user, too_powerful(asking, connection.info.user)
        if problem is None:
            return Access(open_reading_pool(reading_url, size=size), stored, role, None)
        closed = f'the role "{role}" of DYNTABLES_QUERY_DATABASE is too powerful: {problem}'
    elif embedded:
        make_reader(connection, READER, None)
        grant_reading(connection, READER)
        reading = open_reading_pool(reader_url(url, READER, None), size=size)
        return Access(reading, stored, READER, None, _Renewal(pool).renew)
    else:
        closed = "it has no role of its own, and would read as the service"
    return Access(open_reading_pool(url, size=size), stored, None, closed)


class _Renewal:
    """Lets the role read what was made since, one request at a time."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection]) -> None:
        self._pool = pool
        self._lock = threading.Lock()

    def renew(self) -> bool:
        with self._lock, self._pool.connection() as connection:
            return grant_reading(connection, READER) > 0


def why_closed(console: Console, user: Principal) -> ForbiddenError | None:
    """Return why a person may not use the console; None if they may."""
    if user.database_role is not None:
        return ForbiddenError(
            f'the console does not act for the role "{user.database_role}"',
            hint="Query over a connection of that role; rows of dynamic tables are on their pages.",
        )
    if console.closed is not None and not user.role.may(Role.ADMIN):
        return ForbiddenError(f"the console is for admins only: {console.closed}", hint=MAKE_ONE)
    return None


def check_console(console: Console, user: Principal) -> None:
    """Refuse whom the console does not serve.

    Raises:
        ForbiddenError: with the reason, and what helps.
    """
    refused = why_closed(console, user)
    if refused is not None:
        raise refused
