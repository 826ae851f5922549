"""A pool of connections for threads that serve requests."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import psycopg
from psycopg_pool import ConnectionPool

from dyntables import clock
from dyntables.engines.postgres.connection.session import connection_settings, prepare_connection

_FRESH_SECONDS = 1.0
# Who asks for a page does not wait for whoever has locked a table: it is an error that says so.
_LOCK_TIMEOUT = "1s"


class _Check:
    """Asks a connection whether it lives, unless it has said so within the last second."""

    def __init__(self) -> None:
        self._seen: WeakKeyDictionary[psycopg.Connection, float] = WeakKeyDictionary()

    def __call__(self, connection: psycopg.Connection) -> None:
        now = clock.monotonic()
        if now - self._seen.get(connection, -_FRESH_SECONDS) < _FRESH_SECONDS:
            return
        ConnectionPool.check_connection(connection)
        self._seen[connection] = now


def open_pool(url: str, *, size: int, application_name: str) -> ConnectionPool[psycopg.Connection]:
    """Return an open pool; its connections are in autocommit mode, like those of ``connect``."""
    pool: ConnectionPool[psycopg.Connection] = ConnectionPool(
        kwargs=connection_settings(url, application_name),
        min_size=2,
        max_size=size,
        timeout=10,
        max_idle=300,
        configure=_prepare,
        check=_Check(),
        name=application_name,
        open=False,
    )
    pool.open()
    return pool


def _prepare(connection: psycopg.Connection) -> None:
    prepare_connection(connection)
    connection.execute("SELECT set_config('lock_timeout', %s, false)", (_LOCK_TIMEOUT,))
