"""Transactions of the tiny engine: one of its own beside the catalog's, and savepoints by doing again what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import duckdb
import psycopg

from dyntables import clock
from dyntables.compiler.names import SYSTEM
from dyntables.engines.port import Snapshot
from dyntables.engines.postgres.connection.errors import translated as translated_of_control
from dyntables.errors import EngineError, ExpressionError
from tests.support.tiny.database import TinyDatabase, translate

_EXPRESSION = (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException)


class Transaction:
    """What is at work; the statements of a transaction are remembered, as DuckDB has no savepoints."""

    def __init__(self, database: TinyDatabase, control: psycopg.Connection) -> None:
        self.database, self.control = database, control
        self.connection = database.session()
        self._done: list[str] = []
        self.open = False
        self.at_end: list[Callable[[], None]] = []

    def run(self, sql: str) -> int:
        """Run a statement; return the number of rows that it touched."""
        text = translate(sql)
        with errors():
            row = self.connection.execute(text).fetchone()
        self._done.append(text)
        return int(row[0]) if row and isinstance(row[0], int) else 0

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with errors():
            return self.connection.execute(translate(sql)).fetchall()

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Open a transaction here and in the catalog; the catalog commits first, as its rows say what is true."""
        self._begin()
        try:
            with self.control.transaction():
                yield
        except BaseException:
            self._end("ROLLBACK")
            raise
        self._end("COMMIT")
        for (name,) in self.query("SELECT table_name FROM duckdb_tables() WHERE temporary"):
            self.connection.execute(f'DROP TABLE temp."{name}"')

    @contextmanager
    def part(self) -> Iterator[None]:
        """Open a savepoint: what follows is undone by beginning anew and doing again what was done before."""
        before = len(self._done)
        try:
            with translated_of_control(), self.control.transaction():
                yield
        except BaseException:
            if self.open:
                again = self._done[:before]
                self._end("ROLLBACK")
                self._begin()
                for text in again:
                    self.connection.execute(text)
                self._done = again
            raise

    def _begin(self) -> None:
        self.connection.execute("BEGIN")
        self._done, self.open = [], True

    def _end(self, word: str) -> None:
        with suppress(duckdb.TransactionException):  # an error has ended it already
            self.connection.execute(word)
        self.open = False
        while self.at_end:
            self.at_end.pop()()


@contextmanager
def errors() -> Iterator[None]:
    """Let errors of DuckDB leave a block as ours."""
    try:
        yield
    except _EXPRESSION as error:
        raise ExpressionError(str(error)) from error
    except duckdb.Error as error:
        raise EngineError(str(error)) from error


class TinySession:
    """The transaction at work; there are no settings."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    @contextmanager
    def guarded(self, owners: Iterable[str]) -> Iterator[None]:
        """Open a transaction."""
        with self._transaction.whole():
            yield

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Open a savepoint."""
        with self._transaction.part():
            yield

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Let errors of both drivers leave a block as ours."""
        with translated_of_control(), errors():
            yield

    def begin(self) -> Snapshot:
        """Look at the data, which fixes what the transaction sees."""
        self._transaction.control.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return self.present()

    def present(self) -> Snapshot:
        """Return how many writes are seen, in the form in which the catalog keeps frontiers."""
        number = self._transaction.query("SELECT count(*) FROM dyntables_log.writes")[0][0] + 1
        system = self._transaction.control.execute(f"SELECT {SYSTEM}").fetchone()
        assert system is not None
        return Snapshot(f"{number}:{number}:", clock.now(), str(system[0]))

    def pin(self, settings: Mapping[str, str]) -> None:
        """Do nothing."""

    def set(self, settings: Mapping[str, str]) -> None:
        """Do nothing."""

    def reset(self, names: Iterable[str]) -> None:
        """Do nothing."""

    def shown_name(
        self, table_id: int, action: str, step: tuple[int, int], phase: str, rows: int, expected_ms: int, since_ms: int
    ) -> str:
        """Return some name."""
        return f"tiny {table_id}"

    def plan_quickly(self, joined: int) -> None:
        """Do nothing."""


class TinyLocks:
    """Locks of one process."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction, self._database = transaction, transaction.database

    def hold(self, ids: Iterable[int]) -> None:
        """Wait for each, and take it."""
        for table_id in ids:
            self._when(lambda i=table_id: self._database.held.setdefault(i, self) is self)

    def release(self, ids: Iterable[int]) -> None:
        """Let go of those that are held."""
        with self._database.changed:
            for table_id in ids:
                if self._database.held.get(table_id) is self:
                    del self._database.held[table_id]
            self._database.changed.notify_all()

    def share_storage(self, ids: Sequence[int]) -> None:
        """Wait until nobody owns the storage, and count among its readers."""
        for table_id in ids:
            self._when(lambda i=table_id: self._database.owned[i] in (None, self))
            self._database.shared[table_id] += 1

    def release_storage(self, ids: Sequence[int]) -> None:
        """Be no reader any more."""
        with self._database.changed:
            self._database.shared.subtract(ids)
            self._database.changed.notify_all()

    def own_storage(self, table_id: int) -> None:
        """Wait until nobody reads the storage, and keep others from it until the transaction ends."""
        self._when(lambda: not self._database.shared[table_id])
        self._database.owned[table_id] = self
        self._transaction.at_end.append(lambda: self._give_back(table_id))

    def _give_back(self, table_id: int) -> None:
        with self._database.changed:
            self._database.owned[table_id] = None
            self._database.changed.notify_all()

    def _when(self, may: Any) -> None:
        with self._database.changed:
            while not may():
                self._database.changed.wait(timeout=0.1)


class TinySizes:
    """Sizes, counted."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def rows(self, oids: Iterable[int]) -> dict[int, int]:
        """Return that nothing is known."""
        return dict.fromkeys(oids, 0)

    def storage(self, names: Mapping[int, str]) -> dict[int, int]:
        """Return no OIDs: storage has none."""
        return {}

    def name(self, oid: int) -> str | None:
        """Return what PostgreSQL calls a relation."""
        row = self._transaction.control.execute("SELECT %s::oid::regclass::text", (oid,)).fetchone()
        return row[0] if row else None

    def memory(self) -> int:
        """Return some bytes."""
        return 1 << 30
