"""Runs cases on a real server and says what is wrong."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

import dyntables
from tests.oracle.generation.grammar import MAINTAINED
from tests.oracle.generation.model import Case, Definition, Step

# What a script says below a refresh after which equal is not enough.
PRINTED = "printed"


class WrongResultError(AssertionError):
    """A dynamic table that is not what its definition says, or that was refreshed otherwise than it must be."""


class RejectedError(Exception):
    """The server does not run a definition's query: nothing can be said of the case."""


@dataclass(slots=True)
class Tally:
    """What has been run."""

    histories: int = 0
    definitions: int = 0
    rejected: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    uses: Counter[str] = field(default_factory=Counter)
    incremental: int = 0


@dataclass(slots=True)
class Laboratory:
    """A database, and its connections: of the client, of a writer, and of a writer who commits late."""

    url: str
    client: dyntables.Client
    writer: psycopg.Connection
    late: psycopg.Connection
    tally: Tally = field(default_factory=Tally)
    # Where the types of the cases are, and what is maintained of them.
    types_in: str | None = None
    maintained: frozenset[str] = MAINTAINED
    _schemas: int = 0

    def check(self, case: Case, acts: Mapping[str, Callable[[Step], None]] | None = None) -> None:
        """Run a case; after every refresh the tables must equal their definitions.

        ``acts``: does the steps of a special kind, by what they are called.
        """
        with self.schema(case):
            incremental = {d.name for d in case.definitions if self.create(d)}
            self.tally.histories += 1
            truncated = False
            for step in case.steps:
                truncated |= step.act in ("write", "late") and "TRUNCATE" in step.sql
                if step.act == "refresh":
                    self._verify_all(case, incremental, truncated)
                    if self.types_in is not None:
                        self._compare_meaning(case)
                    if step.sql == PRINTED:
                        self._compare_printed(case)
                    truncated = False
                elif acts is not None and step.act in acts:
                    acts[step.act](step)
                else:
                    self.act(step)
            self.act(Step("commit"))
            self._verify_all(case, incremental, truncated)
            for definition in case.definitions:
                action = self.verify(definition.name)["action"]
                if definition.name in incremental and action != "NO_DATA":
                    raise WrongResultError(f"a second refresh of {definition.name} was {action}")

    @contextlib.contextmanager
    def schema(self, case: Case) -> Iterator[str]:
        """Make the case's sources in a schema of their own, gone afterwards."""
        self._schemas += 1
        name = f"h{self._schemas}"
        self.writer.execute(f"CREATE SCHEMA {name}")
        try:
            for execute in (self.client.execute, self.writer.execute, self.late.execute):
                execute(f"SET search_path = {', '.join(filter(None, (name, self.types_in)))}")
            self.late.commit()
            for statement in case.schema:
                self.writer.execute(statement)
            yield name
        finally:
            self.late.rollback()
            self._drop(name)

    def create(self, definition: Definition, mode: str = "AUTO") -> bool:
        """Create a dynamic table; tell whether it is maintained from changes."""
        try:
            self.client.execute(definition.query)
        except dyntables.DyntablesError as error:
            if error.sqlstate == "0A000":
                raise RejectedError(str(error)) from error
            raise
        columns = f" ({', '.join(definition.columns)})" if definition.columns else ""
        self.client.execute(
            f"CREATE DYNAMIC TABLE {definition.name}{columns} TARGET_LAG = '1 hour' REFRESH_MODE = {mode} "
            f"AS {definition.query}"
        )
        found, why = self.mode(definition.name)
        self.tally.definitions += 1
        self.tally.uses.update(definition.uses)
        self.tally.incremental += found == "INCREMENTAL"
        if mode == "AUTO" and definition.uses <= self.maintained and found != "INCREMENTAL":
            raise WrongResultError(f"{definition.name} is not maintained: {why}")
        if "NOT_PLANNED" in why:
            raise WrongResultError(f"{definition.name} is not planned: {why}")
        self.settle()
        return found == "INCREMENTAL"

    def mode(self, name: str) -> tuple[str, str]:
        """Return a table's refresh mode, and the reason for it: one of ``Reason``, a colon, and words."""
        row = self.client.execute(
            "SELECT effective_mode, coalesce(concat_ws(': ', mode_reasons -> 0 ->> 'reason', mode_reasons -> 0 "
            "->> 'detail'), '') "
            f"FROM dyntables.dynamic_table WHERE schema_name = current_schema() AND table_name = '{name}'"
        ).rows[0]
        return row[0], row[1]

    def settle(self) -> None:
        """Let no refresh be full for its cost from here on, which would hide what is looked for."""
        self.writer.execute(
            "UPDATE dyntables.dynamic_table SET refresh_mode = 'INCREMENTAL' WHERE effective_mode = 'INCREMENTAL' "
            "AND refresh_mode = 'AUTO'"
        )

    def act(self, step: Step) -> None:
        """Do one step other than a refresh."""
        if step.act == "write":
            self.writer.execute(step.sql)
        elif step.act == "late":
            self.late.execute(step.sql)
        elif step.act == "commit":
            self.late.commit()

    def verify(self, name: str, client: dyntables.Client | None = None) -> dict[str, Any]:
        """Refresh a table, compare it with its definition, and return what was found."""
        result = (client or self.client).execute(f"ALTER DYNAMIC TABLE {name} VERIFY")
        row = dict(zip(result.columns, result.rows[0], strict=True))
        self.tally.actions[row["action"]] += 1
        if not row["equal"]:
            raise WrongResultError(f"{name}: {row['missing_rows']} rows missing, {row['extra_rows']} too many")
        return row

    def same(self, left: str, right: str) -> bool:
        """Tell whether two relations hold the same bag of rows."""
        both = f"(TABLE {left} EXCEPT ALL TABLE {right}) UNION ALL (TABLE {right} EXCEPT ALL TABLE {left})"
        return self.client.execute(f"SELECT count(*) FROM ({both}) d").rows == [(0,)]

    def _verify_all(self, case: Case, incremental: set[str], truncated: bool) -> None:
        allowed = {"INCREMENTAL", "NO_DATA"} | ({"REINITIALIZE"} if truncated else set())
        for definition in case.definitions:
            action = self.verify(definition.name)["action"]
            if definition.name in incremental and action not in allowed:
                raise WrongResultError(f"the refresh of {definition.name} was {action}: {self.why(definition.name)}")
        self._check_counters()

    def _compare_meaning(self, case: Case) -> None:
        """Compare tables with what their authors' texts mean to them, but for how a key prints its equals."""
        for d in case.definitions:
            sides = (f"SELECT lower(q::text) FROM ({d.query}) q", f"SELECT lower(q::text) FROM {d.name} q")
            wanted, found = (sorted(map(str, self.client.execute(side).rows)) for side in sides)
            if wanted != found:
                raise WrongResultError(f"{d.name} means {wanted}, and has {found}")

    def _compare_printed(self, case: Case) -> None:
        """Compare what tables and definitions print: 1.0 equals 1.00, and is not the same."""
        for d in case.definitions:
            wanted, found = f"SELECT q::text FROM ({d.query}) q", f"SELECT q::text FROM {d.name} q"
            both = f"(({wanted}) EXCEPT ALL ({found})) UNION ALL (({found}) EXCEPT ALL ({wanted}))"
            rows = self.client.execute(both).rows
            if rows:
                raise WrongResultError(f"{d.name} prints otherwise than its definition: {rows}")

    def why(self, name: str) -> object:
        """Return the reason and the statements of a table's last refresh."""
        return self.writer.execute(
            "SELECT r.reason, r.error, r.statements FROM dyntables.refresh r JOIN dyntables.dynamic_table t "
            "ON t.id = r.dynamic_table_id WHERE t.table_name = %s ORDER BY r.id DESC LIMIT 1",
            (name,),
        ).fetchone()

    def _check_counters(self) -> None:
        """No stored group may have a count below 1; the storage of an aggregate without keys has no index."""
        stored = self.writer.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = '__dt_count' "
            "WHERE c.relnamespace = 'dyntables_data'::regnamespace AND c.relkind = 'r' AND c.relhasindex"
        ).fetchall()
        for (name,) in stored:
            row = self.writer.execute(f"SELECT 1 FROM dyntables_data.{name} WHERE __dt_count <= 0 LIMIT 1").fetchone()
            if row is not None:
                raise WrongResultError(f"{name} has a group without rows")

    def _drop(self, schema: str) -> None:
        names = self.writer.execute(
            "SELECT name FROM dyntables.dynamic_tables WHERE schema_name = %s ORDER BY created_on DESC", (schema,)
        ).fetchall()
        for (name,) in names:
            self.client.execute(f"DROP DYNAMIC TABLE {schema}.{name}")
        self.writer.execute(f"SET client_min_messages = warning; DROP SCHEMA {schema} CASCADE")


@contextlib.contextmanager
def laboratory(url: str) -> Iterator[Laboratory]:
    """Open a laboratory in a database."""
    with (
        dyntables.connect(url) as client,
        psycopg.connect(url, autocommit=True) as writer,
        psycopg.connect(url) as late,
    ):
        yield Laboratory(url, client, writer, late)
