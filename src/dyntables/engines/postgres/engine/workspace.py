"""Where one owner's table is worked on, as the engine's port asks for it: all by the same hands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import psycopg

from dyntables.compiler.names import quote_qualified
from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.compiler.program import Build, Program
from dyntables.engines.port import Applied, Deltas, FrozenRows, OnStep, Rows, Storage
from dyntables.engines.postgres.capture.captured import typed
from dyntables.engines.postgres.rights.hands import Hands
from dyntables.engines.postgres.storage import beside, deltas, differences, frozen, staging, tables, views
from dyntables.engines.postgres.storage.differences import compare_rows


class PostgresWorkspace:
    """Storage, differences and frozen rows of a table, and the schema of what is temporary."""

    def __init__(self, connection: psycopg.Connection, hands: Hands) -> None:
        self._hands = hands
        self.staging = hands.staging
        self.storage: Storage = PostgresStorage(connection, hands)
        self.deltas: Deltas = PostgresDeltas(connection, hands)
        self.frozen: FrozenRows = PostgresFrozenRows(hands)

    def run(self, sql: str) -> int:
        """Run a statement by the owner's hands."""
        return self._hands.run(sql)

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the one row of a query by the owner's hands."""
        return self._hands.row(sql)


class PostgresStorage:
    """Tables in a schema of ours, and the user's view over one of them."""

    def __init__(self, connection: psycopg.Connection, hands: Hands) -> None:
        self._connection, self._hands = connection, hands

    def steps(self, part: Build) -> list[tuple[str, str]]:
        """Return the statements that build a table, where these hands may make one."""
        return tables.build_statements(replace(part, storage=self._hands.site(part.storage)))

    def settle(self, storage: str) -> None:
        """Move a table that was built to its place."""
        self._hands.settle(storage)

    def columns(self, relation: str) -> tuple[Column, ...]:
        """Return the columns of a relation."""
        return tables.columns_of(self._connection, relation)

    def count(self, rows: Rows) -> int:
        """Return the number of rows."""
        return tables.count_rows(self._hands, rows)

    def compare(self, query: str, rows: Rows, columns: Sequence[Column]) -> tuple[int, int]:
        """Return how many rows are missing, and how many are too many: EXCEPT ALL both ways."""
        return compare_rows(self._hands, query, rows, columns)

    def show(self, schema: str, name: str, query: str, *, tries: int) -> None:
        """Let the user's view show other storage, under short locks."""
        views.swap_view(self._connection, self._hands, schema, name, query, tries=tries)

    def show_beside(self, schema: str, name: str, query: str | None, known: int | None, *, tries: int) -> int | None:
        """Let the view beside the user's show other storage, under short locks."""
        return beside.show_beside(self._connection, self._hands, (schema, name), query, known, tries=tries)

    def view(self, schema: str, name: str) -> tuple[int, str]:
        """Return OID and owner of the user's view."""
        return views.view_of(self._connection, quote_qualified(schema, name))

    def shows(self, schema: str, name: str, view_oid: int | None, storage: str) -> bool:
        """Tell whether the view is the one that is known, and the storage is there."""
        return differences.shown_by(self._connection, quote_qualified(schema, name), view_oid, storage)

    def drop(self, storage: str) -> None:
        """Drop a table that nothing shows."""
        tables.drop_table(self._hands, storage)


class PostgresDeltas:
    """Differences as temporary tables, and programs of the compiler as they are."""

    def __init__(self, connection: psycopg.Connection, hands: Hands) -> None:
        self._connection, self._hands = connection, hands

    def lend(self, rows: Rows, name: str, columns: tuple[Column, ...]) -> Rows:
        """Return changes as these hands may read them: a log is not for owners, and holds base types of domains."""
        return typed(self._hands.borrow(rows, name), columns)

    def perform(self, program: Program, on_step: OnStep) -> Applied:
        """Run the statements of an incremental refresh."""
        return deltas.run_program(self._hands, program, on_step)

    def ready(self, program: Program) -> Program | None:
        """Empty the staging tables that a program keeps."""
        return staging.ready_staging(self._connection, program)

    def may_keep(self, program: Program) -> bool:
        """Tell whether nobody may want to drop or alter a type of the staging tables."""
        return not staging.holds_types_of_users(self._connection, program)

    def keep_only(self, table_id: int, live: Collection[str | None]) -> None:
        """Drop the kept staging tables of a table that are not named."""
        names = staging.staging_of(self._connection, table_id)
        staging.drop_staging(self._connection, [name for name in names if name not in live])

    def totals(self, delta: Rows) -> tuple[int, int]:
        """Return how many rows a delta inserts and deletes."""
        return deltas.count_delta(self._hands, delta)

    def log(self, log: str, version: int, columns: Mapping[str, str], delta: Rows) -> tuple[int, int]:
        """Add a delta to the table's change log."""
        return deltas.log_delta(self._hands, log, version, columns, delta)

    def difference(self, old: Rows, new: Rows, columns: tuple[Column, ...]) -> str:
        """Return the query of the delta from old rows to new ones."""
        return deltas.difference(old, new, columns)

    def removal(self, storage: str, delta: Rows, columns: tuple[Column, ...]) -> str:
        """Return the statement that deletes what a delta says, by the place of each row."""
        return differences.removed(storage, delta, columns)

    def addition(self, storage: str, delta: Rows, columns: tuple[Column, ...]) -> str:
        """Return the statement that inserts what a delta says."""
        return differences.added(storage, delta, columns)

    def analyze(self, rows: Rows, count: int) -> None:
        """Let the planner know a large table of this transaction."""
        deltas.analyze_delta(self._hands, rows, count)


class PostgresFrozenRows:
    """Frozen rows in a table beside the storage."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def boundaries(self, expressions: Sequence[str]) -> list[str]:
        """Return the values of expressions as constants."""
        return frozen.boundaries(self._hands, expressions)

    def not_before(self, values: Sequence[str], others: Sequence[str]) -> bool:
        """Tell whether each constant is at or after another."""
        return frozen.not_before(self._hands, values, others)

    def move(self, name: str, rows: str, storage: str) -> tuple[int, Rows]:
        """Add the rows of a query to the frozen ones."""
        return frozen.move(self._hands, name, rows, storage)

    def create(self, storage: str, source: str, columns: tuple[tuple[str, str], ...]) -> int:
        """Make a table of the rows of a query."""
        return frozen.create(self._hands, storage, source, columns)

    def count(self, storage: str, predicate: str) -> tuple[int, int]:
        """Return how many rows are frozen, and how many meet a predicate."""
        return frozen.count(self._hands, storage, predicate)
