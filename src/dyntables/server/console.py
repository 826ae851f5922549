"""The SQL console: statements that read, streamed, watched and cancelled."""

from __future__ import annotations

import csv
import io
import itertools
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg_pool import ConnectionPool

from dyntables import clock
from dyntables.compiler.statements import split_statements
from dyntables.compiler.statements.lexer import Kind, tokenize
from dyntables.engines.postgres.reading import Reading
from dyntables.errors import DyntablesError, ForbiddenError, NotFoundError, RequestError
from dyntables.server.arrow import stream
from dyntables.server.errors import problem_of
from dyntables.server.schemas.queries import (
    ExplainQuery,
    Query,
    QueryColumn,
    QueryEnd,
    QueryHead,
    QueryPlan,
    RunningQuery,
)
from dyntables.server.schemas.tables import Preview, TableColumn

READING = {"SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN"}
_FLUSH = 64 * 1024


@dataclass(slots=True)
class _Running:
    """A statement that runs."""

    id: uuid.UUID
    user: str
    sql: str
    started_at: datetime
    connection: psycopg.Connection


class Console:
    """Runs statements on connections of their own.

    Args:
        pool: connections for reading.
        role: the role of these, or None if it is more powerful than a console should be: then only admins may use it.
        rows: most rows.
        seconds: longest time.
    """

    def __init__(
        self, pool: ConnectionPool[psycopg.Connection], *, role: str | None, rows: int, seconds: float
    ) -> None:
        self.role = role
        self._pool = pool
        self._rows = rows
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running: dict[uuid.UUID, _Running] = {}

    def run(self, query: Query, user: str) -> OpenQuery:
        """Start a statement; what is wrong with it is raised at once.

        Raises:
            ForbiddenError: it is not one that reads. RequestError: several statements, or an id that is in use.
        """
        sql = one_statement(query.sql)
        seconds = min(query.timeout_seconds or self._seconds, self._seconds)
        query_id = query.id or uuid.uuid4()
        connection = self._pool.getconn()
        try:
            with self._lock:
                if query_id in self._running:
                    raise RequestError(f'query "{query_id}" is running already')
                self._running[query_id] = _Running(query_id, user, sql, clock.now(), connection)
            reading = Reading(connection, sql, seconds=seconds)
        except BaseException:
            self._end(query_id, connection)
            raise
        return OpenQuery(query_id, reading, min(query.limit, self._rows), lambda: self._end(query_id, connection))

    def preview(self, sql: str, rows: int, user: str, *, seconds: float | None = None) -> Preview:
        """Run a statement to its end and return its first rows."""
        opened = self.run(Query(sql=sql, limit=max(1, rows), timeout_seconds=seconds), user)
        found = [list(row) for row in opened.rows()]
        columns = [TableColumn(name=c.name, type=c.type) for c in opened.reading.columns]
        return Preview(columns=columns, rows=found, truncated=opened.truncated, milliseconds=opened.milliseconds)

    def explain(self, query: ExplainQuery, user: str) -> QueryPlan:
        """Return PostgreSQL's plan of a statement.

        Raises:
            ForbiddenError: it does not read.
        """
        sql = one_statement(query.sql)
        if sql.lstrip("( ").upper().startswith(("EXPLAIN", "SHOW")):
            raise RequestError("give the statement alone, without EXPLAIN")
        options = "ANALYZE, BUFFERS, FORMAT JSON" if query.analyze else "FORMAT JSON"
        opened = self.run(Query(sql=f"EXPLAIN ({options}) {sql}", limit=1), user)
        document = json.loads(next(iter(list(opened.rows())))[0] or "[]")[0]
        return QueryPlan(
            plan=document["Plan"],
            planning_ms=document.get("Planning Time"),
            execution_ms=document.get("Execution Time"),
        )

    def running(self) -> list[RunningQuery]:
        """Return what runs."""
        with self._lock:
            return [
                RunningQuery(id=r.id, user=r.user, sql=r.sql, started_at=r.started_at) for r in self._running.values()
            ]

    def owner(self, query_id: uuid.UUID) -> str:
        """Return whose query it is.

        Raises:
            NotFoundError: none of that id runs.
        """
        return self._find(query_id).user

    def cancel(self, query_id: uuid.UUID) -> None:
        """Cancel a query that runs."""
        self._find(query_id).connection.cancel_safe(timeout=5)

    def close(self) -> None:
        """Cancel everything, and close the connections."""
        for running in self.running():
            try:
                self.cancel(running.id)
            except (NotFoundError, psycopg.Error):
                continue
        self._pool.close()

    def _find(self, query_id: uuid.UUID) -> _Running:
        with self._lock:
            found = self._running.get(query_id)
        if found is None:
            raise NotFoundError(f'query "{query_id}" is not running')
        return found

    def _end(self, query_id: uuid.UUID, connection: psycopg.Connection) -> None:
        with self._lock:
            known = self._running.get(query_id)
            if known is not None and known.connection is connection:
                del self._running[query_id]
        self._pool.putconn(connection)


class OpenQuery:
    """A statement whose first row is there; one of ``rows``, ``ndjson``, ``arrow`` or ``csv`` is iterated, once."""

    def __init__(self, query_id: uuid.UUID, reading: Reading, limit: int, end: Callable[[], None]) -> None:
        self.id = query_id
        self.reading = reading
        self.truncated = False
        self.count = 0
        self._limit = limit
        self._end = end
        self._started = clock.monotonic()

    @property
    def milliseconds(self) -> float:
        """The time since the first row."""
        return round((clock.monotonic() - self._started) * 1000, 2)

    def rows(self) -> Iterator[tuple[str | None, ...]]:
        """Yield at most as many rows as asked for, and end the statement."""
        try:
            for row in self.reading.rows():
                if self.count >= self._limit:
                    self.truncated = True
                    return
                self.count += 1
                yield row
        finally:
            self.reading.close()
            self._end()

    def ndjson(self) -> Iterator[str]:
        """Yield a head, an array for each row, and an end, a line each."""
        columns = [QueryColumn(name=c.name, type=c.type, numeric=c.numeric) for c in self.reading.columns]
        text = [QueryHead(id=self.id, columns=columns).model_dump_json() + "\n"]
        size, error = 0, None
        try:
            for row in self.rows():
                text.append(json.dumps(row, ensure_ascii=False) + "\n")
                size += len(text[-1])
                if size > _FLUSH:
                    yield "".join(text)
                    text, size = [], 0
        except DyntablesError as problem:
            error = problem_of(problem).model_dump(mode="json", exclude_none=True)
        end = QueryEnd(rows=self.count, truncated=self.truncated, milliseconds=self.milliseconds, error=error)
        yield "".join(text) + end.model_dump_json() + "\n"

    def arrow(self) -> Iterator[bytes]:
        """Yield an Arrow stream; what does not fit in the first rows is raised at once.

        Raises:
            RequestError: a value has no place in Arrow's type.
        """
        pieces = stream(self.reading.columns, self.rows())
        return itertools.chain([next(pieces)], pieces)

    def csv(self) -> Iterator[str]:
        """Yield lines of comma-separated values; null is empty."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow([c.name for c in self.reading.columns])
        for row in self.rows():
            writer.writerow(["" if v is None else v for v in row])
            if buffer.tell() > _FLUSH:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()


def one_statement(text: str) -> str:
    """Return the one statement of a text.

    Raises:
        RequestError: there is none, or several. ForbiddenError: it does not read.
    """
    pieces = split_statements(text)
    if len(pieces) != 1:
        found = "no statement" if not pieces else f"{len(pieces)} statements"
        raise RequestError(f"expected one statement, found {found}", hint="Run them one after the other.")
    sql = pieces[0].text
    words = [t.value.upper() for t in tokenize(sql)[:6] if t.kind is Kind.WORD or t.value == "("]
    first = next((w for w in words if w != "("), "")
    if first not in READING:
        raise ForbiddenError(
            f"the console only reads, and {first or 'this'} is not one of {', '.join(sorted(READING))}",
            hint="Dynamic tables are created and altered under /dynamic-tables.",
        )
    return sql
