"""What the contract suite works on: sources that are written to, and an engine that follows them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import psycopg

import dyntables
from dyntables.catalog.model import storage_name
from dyntables.compiler.delta.context import Change
from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.compiler.program import Compiled, builds, refresh_program, view_select
from dyntables.engines.port import Applied, Engine, Weights, Workspace
from dyntables.engines.postgres.capture import captured
from dyntables.engines.postgres.connection.session import connect
from dyntables.engines.postgres.engine import Postgres
from dyntables.refresh.sources.definitions import Terms, read_definition, table_dependencies
from tests.support.tiny import TinyDatabase, TinyEngine

SOURCES = {"s": "id integer NOT NULL, k integer, n integer, word text", "u": "k integer, label text"}
TABLE = 900


class Laboratory(Protocol):
    """Sources ``s`` and ``u``, empty at first, and a way to write to them."""

    control: psycopg.Connection

    def engine(self) -> Engine:
        """Return an engine with a session of its own."""
        ...

    def write(self, sql: str) -> None:
        """Write to the sources."""
        ...

    def capture(self, compiled: Compiled) -> None:
        """See to it that changes of what a definition reads are logged."""
        ...


class PostgresLaboratory:
    """Sources in PostgreSQL."""

    def __init__(self, control: psycopg.Connection, url: str) -> None:
        self.control, self._url = control, url
        self._opened: list[psycopg.Connection] = []
        for name, columns in SOURCES.items():
            control.execute(f"CREATE TABLE {name} ({columns})")

    def engine(self) -> Engine:
        """Return an engine on a connection of its own."""
        self._opened.append(connect(self._url))
        return Postgres(self._opened[-1])

    def write(self, sql: str) -> None:
        """Write; triggers log it."""
        self.control.execute(sql)

    def capture(self, compiled: Compiled) -> None:
        """Make logs and triggers."""
        with self.control.transaction():
            for oid, schema, name, columns in table_dependencies(compiled):
                captured.ensure(self.control, captured.CapturedTable(oid, schema, name, columns))

    def close(self) -> None:
        """Close what was opened."""
        for connection in self._opened:
            connection.close()


class TinyLaboratory:
    """Sources in DuckDB; PostgreSQL has empty ones of the same names, and reads definitions over these."""

    def __init__(self, control: psycopg.Connection, url: str) -> None:
        self.control, self._url = control, url
        self.database = TinyDatabase()
        self._opened: list[psycopg.Connection] = []
        for name, columns in SOURCES.items():
            control.execute(f"CREATE TABLE {name} ({columns})")
            row = control.execute("SELECT %s::regclass::oid::bigint", (name,)).fetchone()
            assert row is not None
            self.database.create_source(name, row[0], columns)

    def engine(self) -> Engine:
        """Return an engine over a connection of its own."""
        self._opened.append(connect(self._url))
        return TinyEngine(self.database, self._opened[-1])

    def write(self, sql: str) -> None:
        """Write, and log it."""
        self.database.write(sql)

    def capture(self, compiled: Compiled) -> None:
        """Do nothing: every write is logged."""

    def close(self) -> None:
        """Close what was opened."""
        for connection in self._opened:
            connection.close()


@contextmanager
def laboratory(kind: str, url: str) -> Iterator[PostgresLaboratory | TinyLaboratory]:
    """Open a laboratory over a database with a catalog."""
    dyntables.connect(url).close()
    with connect(url) as control:
        made = {"postgres": PostgresLaboratory, "tiny": TinyLaboratory}[kind](control, url)
        try:
            yield made
        finally:
            made.close()


@dataclass(slots=True)
class Held:
    """A definition whose rows an engine holds, up to a frontier."""

    query: str
    compiled: Compiled
    owner: str
    frontier: str

    @property
    def shown(self) -> str:
        """A FROM item of what a user sees."""
        return f"({view_select(self.compiled)})"

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that a user sees."""
        named = zip(self.compiled.names, self.compiled.outputs, strict=True)
        return tuple(Column(name, column.type) for name, column in named)


@contextmanager
def at_work(engine: Engine, owner: str) -> Iterator[Workspace]:
    """Open a transaction as a run does: its snapshot taken first, and told that it refreshes."""
    with engine.session.guarded([owner]):
        engine.session.begin()
        engine.session.pin({})
        yield engine.workspace(owner)


def build(lab: Laboratory, engine: Engine, query: str, generation: int = 1) -> Held:
    """Let an engine fill the storage of a definition."""
    storage = storage_name(TABLE, generation)
    owner = lab.control.info.user
    with lab.control.transaction():
        reading = read_definition(lab.control, query, "public", {}, storage, Terms(owner))
    assert reading.compiled is not None, reading.reason
    lab.capture(reading.compiled)
    with at_work(engine, owner) as workspace:
        held = Held(reading.described.view.sql, reading.compiled, owner, engine.session.present().frontier)
        for part in builds(held.compiled):
            for _, sql in workspace.storage.steps(part):
                workspace.run(sql)
            workspace.storage.settle(part.storage)
    return held


def owed(engine: Engine, held: Held) -> Mapping[int, tuple[str, Weights]]:
    """Return the changes that are owed, by source."""
    items = {s.oid: engine.changes.of_source(s.oid, c, held.frontier) for s, c in held.compiled.sources.items()}
    counted = engine.changes.weights(items.values())
    return {oid: (rows, weights) for (oid, rows), weights in zip(items.items(), counted, strict=True) if weights.count}


def bring_in(engine: Engine, held: Held, workspace: Workspace) -> tuple[Applied, tuple[int, int] | None]:
    """Bring what is owed into storage; return what was done, and the totals of the delta that came out of it."""
    columns = {source.oid: read for source, read in held.compiled.sources.items()}
    changed = {
        oid: Change(workspace.deltas.lend(rows, f"lent_{oid}", columns[oid]), weights.appended)
        for oid, (rows, weights) in owed(engine, held).items()
    }
    program = refresh_program(
        held.compiled, changed, f"dt{TABLE}", logged=held.compiled.outputs, staging=workspace.staging
    )
    applied = workspace.deltas.perform(program, lambda phase, sql, number, of: None)
    return applied, workspace.deltas.totals(program.output) if program.output is not None else None


def random_write(chance: random.Random) -> str:
    """Return some statement that changes a source, or perhaps nothing."""
    number, key = chance.randint(0, 30), chance.randint(0, 4)
    return chance.choice(
        [
            f"INSERT INTO s SELECT i, i % 5, i % 7, 'w' || (i % 3) FROM generate_series({number}, {number + 3}) t(i)",
            f"INSERT INTO s VALUES ({number}, NULL, {key}, NULL), ({number}, {key}, NULL, 'x')",
            f"INSERT INTO u VALUES ({key}, 'l{number % 3}')",
            f"UPDATE s SET n = coalesce(n, 0) + 1 WHERE k = {key}",
            f"UPDATE s SET k = {key} WHERE id = {number}",
            f"UPDATE u SET label = 'm{number}' WHERE k = {key}",
            f"DELETE FROM s WHERE id < {number} AND k = {key}",
            f"DELETE FROM u WHERE k = {key}",
        ]
    )
