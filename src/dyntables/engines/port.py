"""What a refresh asks of an engine: of whatever keeps the rows of tables and computes their differences.

The control plane is always PostgreSQL: it reads definitions, and keeps the catalog. An engine has the data plane. What
it is asked for is SQL as the compiler writes it, PostgreSQL's; an engine with another language translates what it runs.

``Rows`` are a FROM item of that SQL, which the engine has made or is able to read; whoever passes one on does not look
into it. A *delta* is such an item with a column ``__dt_weight``: so many copies of a row more, or fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.compiler.program import Build, Program

Rows = str
# Is told the phase, the statement, its number, counted from 1, and of how many it is one.
OnStep = Callable[[str, str, int, int], None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a run sees: ``frontier`` as text, the instant of it, and of which system (server and database) it is."""

    frontier: str
    instant: datetime
    system: str


@dataclass(frozen=True, slots=True)
class Weights:
    """How many rows of a log are owed, and the least and the greatest weight among them."""

    count: int
    least: int = 1
    most: int = 1

    @property
    def appended(self) -> bool:
        """Whether they are all new rows; a dynamic table's log may hold copies of a row as one, with their number."""
        return self.least == self.most == 1


@dataclass(frozen=True, slots=True)
class Applied:
    """What a program did: the record of its statements, and the rows that its last stage inserted and deleted."""

    statements: tuple[dict[str, Any], ...]
    inserted: int
    deleted: int


class Locks(Protocol):
    """Who refreshes a table, and who reads or replaces its storage; by the ids of tables, between all processes."""

    def hold(self, ids: Iterable[int]) -> None:
        """Lock tables for a refresh, in the order given, before its snapshot; wait for whoever has them."""
        ...

    def release(self, ids: Iterable[int]) -> None:
        """Let go of them."""
        ...

    def share_storage(self, ids: Sequence[int]) -> None:
        """Wait for rebuilds of tables, and keep others from replacing their storage."""
        ...

    def release_storage(self, ids: Sequence[int]) -> None:
        """End what ``share_storage`` began."""
        ...

    def own_storage(self, table_id: int) -> None:
        """Wait until nobody shares a table's storage, and keep everybody from it until the transaction ends."""
        ...


class Session(Protocol):
    """The transaction at work."""

    def guarded(self, owners: Iterable[str]) -> AbstractContextManager[None]:
        """Open a transaction in which code of these roles may run; nothing of what that did is left in the session."""
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """Open a savepoint, which is undone if an error leaves it; errors of the driver leave it as ours."""
        ...

    def translated(self) -> AbstractContextManager[None]:
        """Let errors of the driver leave a block as ours."""
        ...

    def begin(self) -> Snapshot:
        """Let the present transaction, in which nothing was read yet, see one snapshot, and return that."""
        ...

    def present(self) -> Snapshot:
        """Return what a statement sees now."""
        ...

    def pin(self, settings: Mapping[str, str]) -> None:
        """Set what a refresh runs under, and these settings, until the transaction or savepoint ends."""
        ...

    def set(self, settings: Mapping[str, str]) -> None:
        """Set settings until the transaction or savepoint ends."""
        ...

    def reset(self, names: Iterable[str]) -> None:
        """Set settings to those of the session until the transaction or savepoint ends."""
        ...

    def shown_name(
        self, table_id: int, action: str, step: tuple[int, int], phase: str, rows: int, expected_ms: int, since_ms: int
    ) -> str:
        """Return the name of the session by which everybody sees how far it is with a table.

        Args:
            table_id: the table.
            action: a letter for it.
            step: which statement it runs, and of how many.
            phase: one lower-case word.
            rows: how many rows the statements before have given.
            expected_ms: how long the table is expected to take.
            since_ms: when it began with the table, counted from its transaction's begin.
        """
        ...

    def plan_quickly(self, joined: int) -> None:
        """Do not let a query that joins so many relations be planned for long."""
        ...


class Changes(Protocol):
    """What was written to sources and to dynamic tables since somebody read them."""

    def of_source(self, oid: int, columns: tuple[Column, ...], since: str) -> Rows:
        """Return the changes of a source that the snapshot of a frontier does not see, as a delta."""
        ...

    def of_table(self, log: str, columns: tuple[Column, ...], consumed: int) -> Rows:
        """Return the changes of a dynamic table after a change version, as a delta."""
        ...

    def weights(self, items: Collection[Rows]) -> list[Weights]:
        """Count the rows of several deltas."""
        ...

    def count(self, oid: int, since: str | None) -> tuple[int, str | None]:
        """Return the number of a source's changes since a frontier, and ``schema.name`` of the source."""
        ...

    def count_of_table(self, log: str, consumed: int) -> int:
        """Return the number of a dynamic table's changes after a change version; none without a log."""
        ...

    def renew(self, log: str, schema: str, name: str) -> None:
        """Begin a dynamic table's log anew, if there is one: the table may have other columns."""
        ...


class Sizes(Protocol):
    """How large things are, as far as the engine knows without counting."""

    def rows(self, oids: Iterable[int]) -> dict[int, int]:
        """Return the estimated number of rows of relations, by OID."""
        ...

    def storage(self, names: Mapping[int, str]) -> dict[int, int]:
        """Return the OIDs of storage tables, by the id of their dynamic table; those that exist."""
        ...

    def name(self, oid: int) -> str | None:
        """Return ``schema.name`` of a relation."""
        ...

    def memory(self) -> int:
        """Return the bytes that the engine has to keep what it reads often."""
        ...


class Storage(Protocol):
    """The tables that hold the rows of one dynamic table."""

    def steps(self, part: Build) -> list[tuple[str, str]]:
        """Return (phase, statement) of what creates, fills, indexes and analyses one table; then it is settled."""
        ...

    def settle(self, storage: str) -> None:
        """Give a table that was made by ``steps`` its place and its name."""
        ...

    def columns(self, relation: str) -> tuple[Column, ...]:
        """Return the columns of a relation, named as it names them."""
        ...

    def count(self, rows: Rows) -> int:
        """Return the number of rows."""
        ...

    def compare(self, query: str, rows: Rows, columns: Sequence[Column]) -> tuple[int, int]:
        """Return how many rows of a query are missing in some rows with the same columns, and how many are too many."""
        ...

    def show(self, schema: str, name: str, query: str, *, tries: int) -> None:
        """Let the user's view show a query of other storage; readers wait for an instant, or not at all.

        Raises:
            EngineError: readers held it through all tries; nothing was changed.
        """
        ...

    def show_beside(self, schema: str, name: str, query: str | None, known: int | None, *, tries: int) -> int | None:
        """Let a second view of the user show a query, or drop it without one; return its OID.

        ``known``: the OID that it had, perhaps under another name.

        Raises:
            EngineError: readers held it through all tries; nothing was changed.
        """
        ...

    def view(self, schema: str, name: str) -> tuple[int, str]:
        """Return the OID of the user's view and its owner."""
        ...

    def shows(self, schema: str, name: str, view_oid: int | None, storage: str) -> bool:
        """Tell whether the view is the one that is known by its OID, and the storage that it should show is there."""
        ...

    def drop(self, storage: str) -> None:
        """Drop a table that nothing shows."""
        ...


class Deltas(Protocol):
    """The differences of one dynamic table: how they are computed, brought in, and told to its readers."""

    def lend(self, rows: Rows, name: str, columns: tuple[Column, ...]) -> Rows:
        """Return changes of a log as programs of the owner may read them, in the types of the source.

        ``name``: of a copy, if one is made.
        """
        ...

    def perform(self, program: Program, on_step: OnStep) -> Applied:
        """Run the statements of an incremental refresh.

        Raises:
            InvariantError: the delta does not fit what is stored. RebuildNeededError: the delta is not enough.
            ExpressionError: an expression of the definition fails.
        """
        ...

    def ready(self, program: Program) -> Program | None:
        """Return a program whose staging tables are kept with these emptied; None if that cannot be."""
        ...

    def may_keep(self, program: Program) -> bool:
        """Tell whether the kept staging tables of a program that has run may stay until the next refresh."""
        ...

    def keep_only(self, table_id: int, live: Collection[str | None]) -> None:
        """Drop the kept staging tables of a dynamic table that are not named."""
        ...

    def totals(self, delta: Rows) -> tuple[int, int]:
        """Return how many rows a delta inserts and deletes."""
        ...

    def log(self, log: str, version: int, columns: Mapping[str, str], delta: Rows) -> tuple[int, int]:
        """Add a delta to a dynamic table's change log; return how many rows it inserts and deletes.

        ``version``: which the delta leads to. ``columns``: of the log, with the expression over the delta for each.
        """
        ...

    def difference(self, old: Rows, new: Rows, columns: tuple[Column, ...]) -> str:
        """Return the query of the delta that leads from old rows to new ones."""
        ...

    def removal(self, storage: str, delta: Rows, columns: tuple[Column, ...]) -> str:
        """Return the statement that deletes from a table as many copies of each row as a delta says."""
        ...

    def addition(self, storage: str, delta: Rows, columns: tuple[Column, ...]) -> str:
        """Return the statement that inserts into a table as many copies of each row as a delta says."""
        ...

    def analyze(self, rows: Rows, count: int) -> None:
        """Let the planner know a table of this transaction that has so many rows, if that may matter."""
        ...


class FrozenRows(Protocol):
    """Rows that no refresh computes any more, in a table of their own beside the storage of the others."""

    def boundaries(self, expressions: Sequence[str]) -> list[str]:
        """Return the values of expressions at the data timestamp, as constants in SQL."""
        ...

    def not_before(self, values: Sequence[str], others: Sequence[str]) -> bool:
        """Tell whether each constant is at or after another."""
        ...

    def move(self, name: str, rows: str, storage: str) -> tuple[int, Rows]:
        """Add the rows of a query to the frozen ones; return how many, and a delta of them.

        ``name``: of the table that keeps them until the transaction ends.
        """
        ...

    def create(self, storage: str, source: str, columns: tuple[tuple[str, str], ...]) -> int:
        """Make a table of the rows of a query, its columns of the given names and types; return the number of rows."""
        ...

    def count(self, storage: str, predicate: str) -> tuple[int, int]:
        """Return how many rows are frozen, and how many of these meet a predicate."""
        ...


class Workspace(Protocol):
    """Where the rows of one dynamic table are worked on, with the rights of its owner and no others.

    ``staging`` is the schema of the tables that are made there for the present transaction.
    """

    staging: str
    storage: Storage
    deltas: Deltas
    frozen: FrozenRows

    def run(self, sql: str) -> int:
        """Run a statement; return the number of rows that it touched."""
        ...

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the one row of a query."""
        ...


class Engine(Protocol):
    """Keeps rows, and computes their differences; it works on one connection, in one transaction at a time."""

    session: Session
    locks: Locks
    changes: Changes
    sizes: Sizes

    def workspace(self, owner: str, settings: Mapping[str, str] | None = None) -> Workspace:
        """Return where to work on a table of a role; ``settings``: of the definition, while a statement runs."""
        ...

    def drop_replaced(self, table_id: int, keep: int) -> None:
        """Drop all storage of a table but that of one generation, and what was staged for it.

        What readers hold is dropped after a later run.
        """
        ...
