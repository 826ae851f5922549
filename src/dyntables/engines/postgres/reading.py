"""Run one statement of a person who may only read, and give its rows as PostgreSQL prints them.

The rights are those of the role that connects. On top of that: one statement at a time (the extended protocol takes no
more), in a READ ONLY transaction that is always rolled back, with a time limit; the session is discarded afterwards.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from psycopg import adapters as standard
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Loader
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from dyntables.engines.postgres.errors import translate
from dyntables.engines.postgres.session import connection_settings, prepare_connection

READER = "dyntables_reader"
_NUMERIC = {"int2", "int4", "int8", "float4", "float8", "numeric", "money", "oid"}
_CHUNK = 200


class _Text(Loader):
    def load(self, data: Buffer) -> str:
        return bytes(data).decode()


class _Context:
    """Adapters that leave every value as text."""

    def __init__(self) -> None:
        self.adapters = AdaptersMap(types=standard.types)
        self.adapters.register_loader(0, _Text)
        self.connection = None


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result."""

    name: str
    type: str
    numeric: bool


class Reading:
    """One statement that runs; ``rows`` may be iterated once, and ``close`` ends it at any time."""

    def __init__(self, connection: psycopg.Connection, sql: str, *, seconds: float) -> None:
        self.connection = connection
        self._cursor = connection.cursor()
        connection.execute("BEGIN READ ONLY")
        connection.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
        self._stream = cast(
            "Generator[tuple[str | None, ...], None, None]", self._cursor.stream(sql.encode(), size=chunk_size())
        )
        try:
            self._first = next(self._stream, None)
        except psycopg.Error as error:
            self.close()
            raise translate(error, sql) from error
        self.columns = [_column(c) for c in self._cursor.description or ()]

    def rows(self) -> Iterator[tuple[str | None, ...]]:
        """Yield the rows as text.

        Raises:
            EngineError: the server ended the statement.
        """
        if self._first is None:
            return
        yield self._first
        try:
            yield from self._stream
        except psycopg.Error as error:
            raise translate(error) from error

    def close(self) -> None:
        """End the statement, and leave nothing of it behind in the session."""
        if self.connection.closed:
            return
        try:
            self._stream.close()
            self.connection.execute("ROLLBACK")
            self.connection.execute("DISCARD ALL")
        except psycopg.Error:
            self.connection.close()


def open_reading_pool(url: str, *, size: int) -> ConnectionPool[psycopg.Connection]:
    """Return a pool of connections for ``Reading``."""
    pool: ConnectionPool[psycopg.Connection] = ConnectionPool(
        kwargs={**connection_settings(url, "dyntables console"), "context": _Context()},
        min_size=0,
        max_size=size,
        timeout=10,
        max_idle=60,
        configure=prepare_connection,
        name="console",
        open=False,
    )
    pool.open()
    return pool


def ensure_reader(connection: psycopg.Connection, url: str) -> str:
    """Make a role that may read everything and no more, on a server of our own; return its URL."""
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (READER,)).fetchone()
    if known is None:
        connection.execute(f"CREATE ROLE {READER} LOGIN IN ROLE pg_read_all_data CONNECTION LIMIT 20")
    connection.execute(f"ALTER ROLE {READER} SET default_transaction_read_only = on")
    return make_conninfo(url, user=READER)


def may_write_files(connection: psycopg.Connection) -> bool:
    """Tell whether the role of a connection could reach beyond the database."""
    row = connection.execute(
        "SELECT rolsuper OR pg_has_role('pg_execute_server_program', 'usage') OR pg_has_role('pg_read_server_files', "
        "'usage') OR pg_has_role('pg_write_server_files', 'usage') FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    return bool(row and row[0])


def chunk_size() -> int:
    """Return how many rows are fetched at a time; an older client library knows one."""
    return _CHUNK if psycopg.capabilities.has_stream_chunked() else 1


def _column(column: Any) -> ResultColumn:
    info = standard.types.get(column.type_code)
    return ResultColumn(column.name, column.type_display, info is not None and info.name in _NUMERIC)
