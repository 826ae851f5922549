"""By whose hands a statement runs: the service's own, or those of a dynamic table's owner.

What a definition calls is somebody else's code. It runs in a ``cage``: it has the owner's rights and no others, and
leaves nothing in the session that the service could run later.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg

from dyntables import clock, locks
from dyntables.compiler.names import TEMPORARY, literal, make_staging, quote_qualified
from dyntables.engines.applied import Answer
from dyntables.engines.postgres.connection.session import set_local
from dyntables.engines.postgres.connection.settings import spoken
from dyntables.engines.postgres.rights.cage import SAFE_PATH, Room, Step, drop_rooms
from dyntables.errors import EngineError

ANALYZE_FROM = 2000
_SAMPLE = 10

OnStep = Callable[[str, int], None]

__all__ = ["SAFE_PATH", "Hands", "OwnerHands", "ServiceHands", "guarded", "hands_of", "take_over", "working_for"]


class Hands(Protocol):
    """Runs the statements that read sources and write storage.

    ``staging``: the schema of the tables that these hands make for the present transaction.
    """

    staging: str

    def run(self, sql: str) -> int:
        """Run a statement; return the number of rows that it touched."""
        ...

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the one row of a query."""
        ...

    def perform(self, steps: Sequence[Step], on_step: OnStep) -> Iterator[Answer]:
        """Run steps; ``on_step`` is told the SQL and the number of the one that comes next."""
        ...

    def parse(self, sql: str, under: Mapping[str, str]) -> None:
        """Run one statement with a text in it that was written under other settings; they may stay in force."""
        ...

    def borrow(self, rows: str, name: str) -> str:
        """Return a FROM item of the service as these hands may read it; ``name`` is that of a copy, if one is made."""
        ...

    def lend_log(self, log: str) -> None:
        """Let these hands write a change log."""
        ...

    def site(self, storage: str) -> str:
        """Return the name under which these hands make a storage table, until ``settle``."""
        ...

    def settle(self, storage: str) -> None:
        """Give a storage table that was made its place and its name."""
        ...


class ServiceHands:
    """The service works for itself."""

    def __init__(self, connection: psycopg.Connection, settings: Mapping[str, str] | None = None) -> None:
        self.connection = connection
        self.settings = settings or {}
        self.staging = TEMPORARY

    def run(self, sql: str) -> int:
        """Run a statement; return the number of rows that it touched."""
        with spoken(self.connection, self.settings):
            return self.connection.execute(sql).rowcount

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the one row of a query."""
        with spoken(self.connection, self.settings):
            row = self.connection.execute(sql).fetchone()
        assert row is not None
        return tuple(row)

    def perform(self, steps: Sequence[Step], on_step: OnStep) -> Iterator[Answer]:
        """Run steps one by one."""
        for number, step in enumerate(steps, start=1):
            if step.when is not None and not self.row(step.when)[0]:
                yield Answer(None, None, 0)
                continue
            started = clock.monotonic()
            on_step(step.sql, number)
            expected = int(self.row(step.expected)[0]) if step.expected else None
            done = str(bool(self.row(step.sql)[0])).lower() if step.check else str(self.run(step.sql))
            if step.analyze is not None and (step.small or int(done) >= ANALYZE_FROM):
                self.run(analyze_statement(step.analyze))
            yield Answer(done, expected, (clock.monotonic() - started) * 1000)

    def parse(self, sql: str, under: Mapping[str, str]) -> None:
        """Run one statement with a text in it that was written under other settings; they stay in force."""
        set_local(self.connection, under)
        # In binary, so that the extended protocol is used: it takes one statement and no second one after it.
        self.connection.execute(sql, binary=True)

    def borrow(self, rows: str, name: str) -> str:
        """Return the rows as they are."""
        return rows

    def lend_log(self, log: str) -> None:
        """Do nothing: the log is the service's own."""

    def site(self, storage: str) -> str:
        """Return the name itself."""
        return storage

    def settle(self, storage: str) -> None:
        """Do nothing: it is where it should be."""


class OwnerHands:
    """The service works for another role, whose code it does not trust."""

    def __init__(self, connection: psycopg.Connection, owner: str, settings: Mapping[str, str] | None = None) -> None:
        self.connection = connection
        self.owner = owner
        self.settings = settings or {}
        self.room = Room(connection, owner)
        self.staging = self.room.name

    def run(self, sql: str) -> int:
        """Run a statement; return the number of rows that it touched."""
        with spoken(self.connection, self.settings):
            return int(self.room.call([Step(sql)])[0].text or 0)

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the one row of a query."""
        with spoken(self.connection, self.settings):
            return read_row(self.room.call([Step(sql, query=True)])[0].text)

    def perform(self, steps: Sequence[Step], on_step: OnStep) -> Iterator[Answer]:
        """Run all steps in one round, as each round takes a while."""
        on_step(";\n".join(step.sql for step in steps), 1)
        expanded = [each for step in steps for each in (step, *_analysis(step))]
        with spoken(self.connection, self.settings):
            answers = self.room.call(expanded)
        for step, answer in zip(expanded, answers, strict=False):
            if step in steps:
                yield answer

    def parse(self, sql: str, under: Mapping[str, str]) -> None:
        """Run one statement with a text in it that was written under other settings; they end with it."""
        calls = ", ".join(f"set_config({literal(name)}, {literal(value)}, true)" for name, value in under.items())
        self.room.call([Step(f"SELECT {calls}"), Step(sql)])

    def borrow(self, rows: str, name: str) -> str:
        """Copy rows of a log, which the owner may not read, for this transaction."""
        self.connection.execute(make_staging(TEMPORARY, name, f"SELECT * FROM {rows} o"))
        self.connection.execute(f"GRANT SELECT ON {TEMPORARY}.{name} TO {quote_qualified(self.owner)}")
        return f"{TEMPORARY}.{name}"

    def lend_log(self, log: str) -> None:
        """Let the owner write the change log of the owner's own table."""
        lent = self.connection.execute(
            "SELECT bool_and(has_table_privilege(%(role)s, %(log)s, p)) FROM unnest(ARRAY['INSERT', 'SELECT']) p",
            {"role": self.owner, "log": log},
        ).fetchone()
        if not lent or not lent[0]:
            self.connection.execute(f"GRANT INSERT, SELECT ON {log} TO {quote_qualified(self.owner)}")

    def site(self, storage: str) -> str:
        """Return a name in the room: in the schema of all storage an owner may make nothing."""
        return f"{self.staging}.{storage.rpartition('.')[2]}"

    def settle(self, storage: str) -> None:
        """Move a table out of the room.

        Raises:
            EngineError: the owner's code has put something else in its place.
        """
        row = self.connection.execute(
            "SELECT relkind = 'r' AND relpersistence = 'p' AND pg_get_userbyid(relowner) = %s FROM pg_class "
            "WHERE oid = to_regclass(%s)",
            (self.owner, self.site(storage)),
        ).fetchone()
        if row is None or not row[0]:
            raise EngineError(f'code of "{self.owner}" has replaced the storage that was being built')
        self.connection.execute(f"ALTER TABLE {self.site(storage)} SET SCHEMA {storage.partition('.')[0]}")


def analyze_statement(table: str) -> str:
    """Return what lets the planner know a table of this transaction; a small sample does."""
    return f"SET LOCAL default_statistics_target = {_SAMPLE}; ANALYZE {table}; RESET default_statistics_target"


def _analysis(step: Step) -> list[Step]:
    """Return the step after one that makes a table, by which the planner knows it if it is large."""
    if step.analyze is None:
        return []
    if step.small:
        return [Step(analyze_statement(step.analyze))]
    table = step.analyze.partition(" ")[0]
    large = f"SELECT count(*) >= {ANALYZE_FROM} FROM (SELECT FROM {table} LIMIT {ANALYZE_FROM}) x"
    return [Step(analyze_statement(step.analyze), when=large)]


def read_row(answer: str | None) -> tuple[Any, ...]:
    """Return the values of a row from the cage; an object is given as pairs, and a number with a fraction as text."""
    if answer is None:
        raise EngineError("a query that has one row gave none")
    # Columns may have the same name.
    return tuple(value for _, value in json.loads(answer, parse_float=str, object_pairs_hook=list))


def take_over(connection: psycopg.Connection, owner: str, table_id: int) -> None:
    """Give a role the storage and the view of its table that were made by other hands, when it had another owner."""
    statements = connection.execute(_NOT_OWNED, {"owner": owner, "id": table_id}).fetchall()
    if not statements:
        return
    role = quote_qualified(owner)
    with connection.transaction():
        # Who gets a table must have the right to make one; nobody sees this right outside of the transaction.
        connection.execute(f"GRANT USAGE, CREATE ON SCHEMA dyntables_data TO {role}")
        for (statement,) in statements:
            connection.execute(statement)
        connection.execute(f"REVOKE CREATE ON SCHEMA dyntables_data FROM {role}")


_NOT_OWNED = """
SELECT format('ALTER %%s %%s OWNER TO %%I', CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, c.oid::regclass,
    t.owner_name)
FROM dyntables.dynamic_table t JOIN pg_class c ON c.oid IN (t.view_oid, (t.quarantine ->> 'view')::oid)
    OR c.relnamespace = 'dyntables_data'::regnamespace AND c.relkind = 'r'
    AND c.relname BETWEEN 't' || t.id || '_g' AND 't' || t.id || '_h'
WHERE t.id = %(id)s AND t.owner_name = %(owner)s AND pg_get_userbyid(c.relowner) <> t.owner_name
"""


def hands_of(connection: psycopg.Connection, owner: str, settings: Mapping[str, str] | None = None) -> Hands:
    """Return the hands by which to work for the owner of a dynamic table, in the present transaction.

    ``settings``: of the definition, which hold while a statement runs.
    """
    if owner == connection.info.user:
        return ServiceHands(connection, settings)
    return OwnerHands(connection, owner, settings)


@contextmanager
def guarded(connection: psycopg.Connection, owners: Iterable[str], *, keep: bool = True) -> Iterator[None]:
    """Open a transaction in which the code of owners may run; nothing of what that did is left in the session.

    ``keep``: whether the transaction is committed.
    """
    if all(owner == connection.info.user for owner in owners):
        with connection.transaction(force_rollback=not keep):
            yield
        return
    held = _held(connection)
    with connection.transaction(force_rollback=not keep):
        yield
        drop_rooms(connection)
        # Functions and types can be made there in spite of the cage.
        connection.execute("DISCARD TEMP")
        if not held <= _held(connection):
            raise EngineError("a function in a definition has released locks of the service")


def _held(connection: psycopg.Connection) -> set[int]:
    """Return the tables that this session has locked, to refresh or to change them."""
    rows = connection.execute(
        "SELECT objid::bigint FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() "
        "AND locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted",
        (locks.REFRESH,),
    )
    return {number for (number,) in rows}


@contextmanager
def working_for(connection: psycopg.Connection, owner: str) -> Iterator[Hands]:
    """Give the hands of a role for one transaction."""
    with guarded(connection, [owner]):
        yield hands_of(connection, owner)
