"""A pool of connections for threads that serve requests."""

from __future__ import annotations

import psycopg
from psycopg_pool import ConnectionPool

from dyntables.engines.postgres.session import connection_settings, prepare_connection


def open_pool(url: str, *, size: int, application_name: str) -> ConnectionPool[psycopg.Connection]:
    """Return an open pool; its connections are in autocommit mode, like those of ``connect``."""
    pool: ConnectionPool[psycopg.Connection] = ConnectionPool(
        kwargs=connection_settings(url, application_name),
        min_size=2,
        max_size=size,
        timeout=10,
        max_idle=300,
        configure=prepare_connection,
        check=ConnectionPool.check_connection,
        name=application_name,
        open=False,
    )
    pool.open()
    return pool
