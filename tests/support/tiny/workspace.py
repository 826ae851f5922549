"""Storage, differences and frozen rows of the tiny engine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import psycopg

from dyntables import clock
from dyntables.compiler.names import TEMPORARY, VERSION, WEIGHT, quote, quote_qualified
from dyntables.compiler.plan.algebra.nodes import Column, SqlType
from dyntables.compiler.program import Build, Program
from dyntables.engines.applied import Answer, summed_up
from dyntables.engines.port import Applied, Deltas, FrozenRows, OnStep, Rows, Storage
from tests.support.tiny.session import Transaction


class TinyWorkspace:
    """Where any table is worked on: there are no roles."""

    def __init__(self, transaction: Transaction, control: psycopg.Connection) -> None:
        self._transaction = transaction
        self.staging = TEMPORARY
        self.storage: Storage = TinyStorage(transaction, control)
        self.deltas: Deltas = TinyDeltas(transaction)
        self.frozen: FrozenRows = TinyFrozenRows()

    def run(self, sql: str) -> int:
        """Run a statement."""
        return self._transaction.run(sql)

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the one row of a query."""
        [row] = self._transaction.query(sql)
        return row


class TinyStorage:
    """Tables in DuckDB; the user's view is one there and, with its OID, one in PostgreSQL."""

    def __init__(self, transaction: Transaction, control: psycopg.Connection) -> None:
        self._transaction, self._control = transaction, control

    def steps(self, part: Build) -> list[tuple[str, str]]:
        """Return the statement that fills a table; there are no indexes."""
        return [("build", f"CREATE TABLE {part.storage} AS {part.select}")]

    def settle(self, storage: str) -> None:
        """Do nothing: a table is made in its place."""

    def columns(self, relation: str) -> tuple[Column, ...]:
        """Return names and types as DuckDB has them."""
        rows = self._transaction.query(f"DESCRIBE {relation}")
        return tuple(Column(name, SqlType(type_.lower())) for name, type_, *_ in rows)

    def count(self, rows: Rows) -> int:
        """Return the number of rows."""
        return int(self._transaction.query(f"SELECT count(*) FROM {rows} o")[0][0])

    def compare(self, query: str, rows: Rows, columns: Sequence[Column]) -> tuple[int, int]:
        """Compare by EXCEPT ALL both ways."""
        items = ", ".join(quote_qualified(c.id) for c in columns)
        wanted, found = f"SELECT {items} FROM ({query}) d", f"SELECT {items} FROM {rows} v"
        return self._count(f"{wanted} EXCEPT ALL {found}"), self._count(f"{found} EXCEPT ALL {wanted}")

    def show(self, schema: str, name: str, query: str, *, tries: int) -> None:
        """Replace the view."""
        self._transaction.run(f"CREATE OR REPLACE VIEW {quote_qualified(schema, name)} AS {query}")

    def show_beside(self, schema: str, name: str, query: str | None, known: int | None, *, tries: int) -> int | None:
        """Refuse: rules are PostgreSQL's."""
        raise NotImplementedError

    def view(self, schema: str, name: str) -> tuple[int, str]:
        """Return OID and owner of PostgreSQL's view of that name."""
        row = self._control.execute(
            "SELECT oid::bigint, pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass(%s)",
            (quote_qualified(schema, name),),
        ).fetchone()
        assert row is not None
        return row[0], row[1]

    def shows(self, schema: str, name: str, view_oid: int | None, storage: str) -> bool:
        """Tell whether the storage is there."""
        return bool(
            self._transaction.query(f"SELECT 1 FROM duckdb_tables() WHERE table_name = '{storage.rpartition('.')[2]}'")
        )

    def drop(self, storage: str) -> None:
        """Drop a table."""
        self._transaction.run(f"DROP TABLE {storage}")

    def _count(self, query: str) -> int:
        return int(self._transaction.query(f"SELECT count(*) FROM ({query}) c")[0][0])


class TinyDeltas:
    """Programs statement by statement, differences as queries."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def lend(self, rows: Rows, name: str, columns: tuple[Column, ...]) -> Rows:
        """Return the rows as they are."""
        return rows

    def perform(self, program: Program, on_step: OnStep) -> Applied:
        """Run the statements one by one."""
        return summed_up(program, self._answers(program, on_step))

    def _answers(self, program: Program, on_step: OnStep) -> Iterator[Answer]:
        for number, statement in enumerate(program.statements, start=1):
            if statement.guard is not None and not self._transaction.query(statement.guard)[0][0]:
                yield Answer(None, None, 0)
                continue
            began = clock.monotonic()
            on_step("apply", statement.sql, number, len(program.statements))
            expected = int(self._transaction.query(statement.expected)[0][0]) if statement.expected else None
            if statement.purpose in ("CHECK", "REBUILD"):
                done = str(bool(self._transaction.query(statement.sql)[0][0])).lower()
            else:
                done = str(self._transaction.run(statement.sql))
            yield Answer(done, expected, (clock.monotonic() - began) * 1000)

    def ready(self, program: Program) -> Program | None:
        """Keep no staging tables."""
        return None

    def may_keep(self, program: Program) -> bool:
        """Keep no staging tables."""
        return False

    def keep_only(self, table_id: int, live: Collection[str | None]) -> None:
        """Do nothing: none are kept."""

    def totals(self, delta: Rows) -> tuple[int, int]:
        """Return how many rows a delta inserts and deletes."""
        [(inserted, deleted)] = self._transaction.query(
            f"SELECT coalesce(sum({WEIGHT}) FILTER (WHERE {WEIGHT} > 0), 0), "
            f"coalesce(-sum({WEIGHT}) FILTER (WHERE {WEIGHT} < 0), 0) FROM {delta} d"
        )
        return int(inserted), int(deleted)

    def log(self, log: str, version: int, columns: Mapping[str, str], delta: Rows) -> tuple[int, int]:
        """Add a delta to the log, which is made if it is not there."""
        items = ", ".join(f"{expression} AS {quote_qualified(name)}" for name, expression in columns.items())
        rows = f"SELECT {int(version)}::bigint AS {VERSION}, {WEIGHT}, {items} FROM {delta} d"
        self._transaction.run(f"CREATE TABLE IF NOT EXISTS {log} AS SELECT * FROM ({rows}) r LIMIT 0")
        self._transaction.run(f"INSERT INTO {log} BY NAME {rows}")
        return self.totals(delta)

    def difference(self, old: Rows, new: Rows, columns: tuple[Column, ...]) -> str:
        """Return the query of what differs."""
        names = ", ".join(quote_qualified(c.id) for c in columns)
        both = f"SELECT {names}, -1 AS {WEIGHT} FROM {old} UNION ALL SELECT {names}, 1 AS {WEIGHT} FROM {new}"
        return (
            f"SELECT {names}, sum({WEIGHT})::integer AS {WEIGHT} FROM ({both}) c GROUP BY ALL HAVING sum({WEIGHT}) <> 0"
        )

    def removal(self, storage: str, delta: Rows, columns: tuple[Column, ...]) -> str:
        """Return the statement that deletes by the place of each copy."""
        alike = " AND ".join(f"s.{_name(c)} IS NOT DISTINCT FROM d.{_name(c)}" for c in columns)
        names = ", ".join(f"s.{_name(c)}" for c in columns)
        copies = (
            f"SELECT s.rowid AS place, row_number() OVER (PARTITION BY {names}) AS copy, d.{WEIGHT} AS weight "
            f"FROM {storage} s JOIN {delta} d ON {alike} WHERE d.{WEIGHT} < 0"
        )
        return f"DELETE FROM {storage} WHERE rowid IN (SELECT place FROM ({copies}) c WHERE copy <= -weight)"

    def addition(self, storage: str, delta: Rows, columns: tuple[Column, ...]) -> str:
        """Return the statement that inserts so many copies."""
        names = ", ".join(_name(c) for c in columns)
        copies = f"SELECT {names}, unnest(range({WEIGHT})) FROM {delta} d WHERE {WEIGHT} > 0"
        return f"INSERT INTO {storage} ({names}) SELECT {names} FROM ({copies}) c"

    def analyze(self, rows: Rows, count: int) -> None:
        """Do nothing."""


class TinyFrozenRows:
    """There are none: a table with a frozen region is not for this engine."""

    def boundaries(self, expressions: Sequence[str]) -> list[str]:
        """Return that nothing is frozen."""
        assert not expressions
        return []

    def not_before(self, values: Sequence[str], others: Sequence[str]) -> bool:
        """Refuse."""
        raise NotImplementedError

    def move(self, name: str, rows: str, storage: str) -> tuple[int, Rows]:
        """Refuse."""
        raise NotImplementedError

    def create(self, storage: str, source: str, columns: tuple[tuple[str, str], ...]) -> int:
        """Refuse."""
        raise NotImplementedError

    def count(self, storage: str, predicate: str) -> tuple[int, int]:
        """Refuse."""
        raise NotImplementedError


def _name(column: Column) -> str:
    return quote(column.id) if column.id.startswith("__dt") else quote_qualified(column.id)
