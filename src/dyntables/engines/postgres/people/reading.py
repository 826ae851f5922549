"""Run one statement of a person who may only read, and give its rows as PostgreSQL prints them.

The rights are those of the role that connects. On top of that: one statement at a time (the extended protocol takes no
more), in a READ ONLY transaction that is always rolled back, with limits of time and bytes; the session is discarded
afterwards.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from psycopg import adapters as standard
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Loader
from psycopg.types.string import StrDumper
from psycopg_pool import ConnectionPool

from dyntables.engines.postgres.connection.errors import translate
from dyntables.engines.postgres.connection.session import connection_settings, prepare_connection
from dyntables.engines.postgres.people.measured import measured, too_long
from dyntables.errors import DyntablesError, RequestError

_NUMERIC = {"int2", "int4", "int8", "float4", "float8", "numeric", "money", "oid"}
# Rows fetched at a time: as many of the longest may be in memory.
_CHUNK = 50
LONGEST_VALUE = 2_000_000
LONGEST_RESULT = 100_000_000


_Rows = Generator[tuple[str | None, ...], None, None]


class _Text(Loader):
    def load(self, data: Buffer) -> str:
        if len(data) > LONGEST_VALUE:
            raise RequestError(
                f"a value has {len(data):,} bytes, and the longest that is shown has {LONGEST_VALUE:,}",
                hint="Show a part of it, by left() or substring().",
            )
        return bytes(data).decode()


class _Context:
    """Adapters that leave every value as text."""

    def __init__(self) -> None:
        self.adapters = AdaptersMap(types=standard.types)
        self.adapters.register_loader(0, _Text)
        self.adapters.register_dumper(str, StrDumper)  # to set the session up
        self.connection = None


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result."""

    name: str
    type: str
    numeric: bool


class Reading:
    """One statement that runs; ``rows`` may be iterated once, and ``close`` ends it at any time.

    ``longest`` is how many characters it may have, if that is limited. ``check`` is called in the transaction of the
    statement, before it.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        sql: str,
        *,
        seconds: float,
        longest: int | None = LONGEST_RESULT,
        check: Callable[[psycopg.Connection], None] | None = None,
    ) -> None:
        self.connection = connection
        self._longest = longest
        self._cursor = connection.cursor()
        self._stream: _Rows | None = None
        try:
            connection.execute("BEGIN READ ONLY")
            connection.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
            if check is not None:
                check(connection)
        except BaseException:
            self.close()
            raise
        sent = sql
        try:
            sent, described = measured(connection, sql)
            self._width = None if described is None else len(described)
            self._stream = cast(_Rows, self._cursor.stream(sent.encode(), size=chunk_size()))
            self._first = next(self._stream, None)
        except psycopg.Error as error:
            self.close()
            raise too_long(error) or translate(error, sql, sent.find(sql)) from error
        except DyntablesError:
            self.close()
            raise
        self.columns = [_column(c) for c in described or self._cursor.description or ()]

    def rows(self) -> Iterator[tuple[str | None, ...]]:
        """Yield the rows as text.

        Raises:
            EngineError: the server ended the statement. RequestError: the result is too long.
        """
        if self._first is None or self._stream is None:
            return
        size = 0
        try:
            for row in itertools.chain([self._first], self._stream):
                size += sum(len(value) for value in row if value is not None)
                if self._longest is not None and size > self._longest:
                    raise RequestError(
                        f"the result is longer than {self._longest:,} characters",
                        hint="Ask for fewer rows or columns, or export it as a file.",
                    )
                yield row[: self._width]  # behind it is what measured the row
        except psycopg.Error as error:
            raise too_long(error) or translate(error) from error

    def close(self) -> None:
        """End the statement, and leave nothing of it behind in the session."""
        if self.connection.closed:
            return
        try:
            if self._stream is not None:
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


def chunk_size() -> int:
    """Return how many rows are fetched at a time; an older client library knows one."""
    return _CHUNK if psycopg.capabilities.has_stream_chunked() else 1


def _column(column: Any) -> ResultColumn:
    info = standard.types.get(column.type_code)
    return ResultColumn(column.name, column.type_display, info is not None and info.name in _NUMERIC)
