"""Connections to the user's database, and the settings under which definitions are read and refreshed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from dyntables.compiler.names import SYSTEM, quote
from dyntables.engines.postgres.connection.errors import translate
from dyntables.engines.postgres.connection.pooler import require_own_backend
from dyntables.engines.postgres.connection.settings import NEUTRAL
from dyntables.errors import ConnectionFailedError, EngineError, InvalidOptionError

OLDEST = 150000
_NAMES_A_PART = re.compile(r"""invalid (integer value|port number)|host (name )?["'][^"']*@""")


# Of a process that nobody watches: both sides notice within seconds that the other has gone.
_KEEPALIVES = {
    "keepalives": 1, "keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 3, "tcp_user_timeout": 5000,
}  # fmt: skip
_WATCHED = {
    "tcp_keepalives_idle": "2", "tcp_keepalives_interval": "1", "tcp_keepalives_count": "3",
    "tcp_user_timeout": "5000", "client_connection_check_interval": "1s", "idle_in_transaction_session_timeout": "60s",
}  # fmt: skip


def connect_unattended(url: str, *, application_name: str, **settings: str) -> psycopg.Connection:
    """Open a connection of a process that runs by itself; ``settings`` are the server's, for this session.

    Raises:
        ConnectionFailedError: the server cannot be reached, refuses the user, or is too old.
    """
    connection = connect(url, application_name=application_name, **_KEEPALIVES)
    # The few statements that ask for it are prepared, no others.
    connection.prepare_threshold = 1_000_000
    set_session(connection, {**_WATCHED, "application_name": application_name, **settings})
    return connection


def set_session(connection: psycopg.Connection, settings: dict[str, str]) -> None:
    """Set server settings for the session."""
    calls = ", ".join("set_config(%s, %s, false)" for _ in settings)
    connection.execute(f"SELECT {calls}", [part for pair in settings.items() for part in pair])


def connect(url: str, *, application_name: str = "dyntables", **parameters_of_libpq: int) -> psycopg.Connection:
    """Open a connection in autocommit mode.

    Raises:
        ConnectionFailedError: the server cannot be reached, refuses the user, or is behind a pooler that shares it.
        EngineError: it is too old.
    """
    settings = connection_settings(url, application_name, **parameters_of_libpq)
    connection = _open(settings)
    try:
        version = connection.info.server_version
        if version < OLDEST:
            raise EngineError(
                f"the server is PostgreSQL {version // 10000}, which is too old",
                hint="PostgreSQL 15 or newer is needed.",
            )
        require_own_backend(connection, lambda: _open(settings))
        prepare_connection(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _open(settings: Mapping[str, Any]) -> psycopg.Connection:
    try:
        return psycopg.connect(**settings)
    except psycopg.Error as error:
        translated = translate(error)
        # A password with an @ or a / that is not escaped is read as a host or a port, and named.
        message = "a part of the URL is not valid" if _NAMES_A_PART.search(str(error)) else translated.message
        raise ConnectionFailedError(
            f"could not connect: {message}", hint=translated.hint, sqlstate=error.sqlstate
        ) from None


def connection_settings(url: str, application_name: str, **parameters_of_libpq: int) -> dict[str, Any]:
    """Return the arguments of ``psycopg.connect`` for a connection of ours; what the URL says goes before."""
    ours = {"application_name": application_name, "connect_timeout": "10", **parameters_of_libpq}
    return {**ours, **parameters_of(url), "autocommit": True, "prepare_threshold": None}


def parameters_of(url: str) -> dict[str, Any]:
    """Return the parameters of a URL or connection string.

    Raises:
        InvalidOptionError: it is none; what it says is not repeated, as a password may be in it.
    """
    try:
        return conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise InvalidOptionError(
            "the URL of the database cannot be read",
            hint="It is like postgresql://user:password@host:5432/database; in a password @ is %40 and / is %2F.",
        ) from None


def system_at_work(connection: psycopg.Connection) -> str:
    """Return what tells server and database apart from all others."""
    row = connection.execute(f"SELECT {SYSTEM}").fetchone()
    assert row is not None
    return str(row[0])


def prepare_connection(connection: psycopg.Connection) -> None:
    """Make a new connection ready for use."""
    # A user of our own name would find the catalog as "$user", and create tables in it.
    if connection.info.user == "dyntables":
        connection.execute("SET search_path = public")
    # In which order a date is written stays as it is.
    set_session(connection, NEUTRAL)
    connection.add_notice_handler(lambda _: None)


def in_transaction(connection: psycopg.Connection) -> bool:
    """Tell whether the session is inside a transaction block."""
    return connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE


def say_who(connection: psycopg.Connection, statement: str, role: str | None) -> None:
    """Let the audit trail know the statement that runs, and for which role."""
    if not connection.closed and connection.info.transaction_status is not psycopg.pq.TransactionStatus.INERROR:
        set_session(connection, {"dyntables.statement": statement, "dyntables.role": role or ""})


def run(connection: psycopg.Connection, text: str) -> tuple[list[str], list[tuple[Any, ...]], str]:
    """Run somebody's statement; return the names of its columns, its rows and what the server says of it."""
    cursor = connection.execute(text)
    if cursor.description is None:
        return [], [], cursor.statusmessage or ""
    return [c.name for c in cursor.description], cursor.fetchall(), cursor.statusmessage or ""


@contextmanager
def at_one_snapshot(connection: psycopg.Connection) -> Iterator[None]:
    """Open a transaction in which every statement sees the same."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


# Whoever refreshes.
_PINNED = {
    "search_path": "pg_catalog, pg_temp",
    "work_mem": "64MB",
    "jit": "off",
    "from_collapse_limit": "14",
    "join_collapse_limit": "14",
    "plan_cache_mode": "force_custom_plan",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "dyntables.refreshing": "on",  # who writes storage without it is told that only refreshes do
}

_MANY_JOINED = 28


def pin_settings(connection: psycopg.Connection, settings: Mapping[str, str]) -> None:
    """Fix, for the present transaction, those of a definition, and what a refresh needs."""
    set_local(connection, {**_PINNED, **settings})


def plan_quickly(connection: psycopg.Connection, joined: int) -> None:
    """Let the planner order the joins of a large query in smaller groups; ``joined``: how many items FROM has.

    The server takes seven times as long for a hundred items in groups of 14 as in groups of 8, which is its default.
    """
    if joined > _MANY_JOINED:
        set_local(connection, {"from_collapse_limit": "8", "join_collapse_limit": "8"})


def set_local(connection: psycopg.Connection, settings: Mapping[str, str]) -> None:
    """Set server settings until the end of the present transaction or savepoint."""
    if not settings:
        return
    calls = ", ".join("set_config(%s, %s, true)" for _ in settings)
    connection.execute(f"SELECT {calls}", [part for pair in settings.items() for part in pair])


def set_to_default(connection: psycopg.Connection, names: Iterable[str]) -> None:
    """Set server settings to the session's until the end of the present transaction or savepoint."""
    for name in names:
        connection.execute(f"SET LOCAL {quote(name)} TO DEFAULT")
