"""The SQL console: statements that read, streamed, watched and cancelled; and the stored rows of dynamic tables."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from dyntables import clock
from dyntables.engines.postgres.people.reading import LONGEST_RESULT, Reading
from dyntables.errors import DyntablesError, EngineError, ForbiddenError, RequestError, TooManyRequestsError
from dyntables.server.console.early_cancels import EarlyCancels
from dyntables.server.console.one_statement import one_statement
from dyntables.server.console.open_query import OpenQuery
from dyntables.server.console.running_statement import RunningStatement
from dyntables.server.schemas.queries import ExplainQuery, Query, QueryPlan, RunningQuery
from dyntables.server.schemas.tables import Preview, TableColumn

# Who has to wait for a connection keeps a thread from others: so many may, for so long.
_WAITING_SECONDS = 2.0
_PREVIEW_LENGTH = 10_000_000
_DENIED = "42501"
_CANCELLED = "57014"


@dataclass(frozen=True, slots=True)
class Access:
    """As whom the console reads.

    Args:
        pool: connections for what people write.
        stored: connections of the service, for what people do not write.
        role: the role of the first, or None if it is more powerful than a console's should be.
        closed: why, then, the console is for admins only.
        renew: lets the role read what was made since, and tells whether that was anything.
    """

    pool: ConnectionPool[psycopg.Connection]
    stored: ConnectionPool[psycopg.Connection]
    role: str | None
    closed: str | None
    renew: Callable[[], bool] | None = None


class Console:
    """Runs statements on connections of their own: shows at most ``rows`` rows, and takes ``seconds`` at most."""

    def __init__(self, access: Access, *, rows: int, seconds: float) -> None:
        self.role = access.role
        self.closed = access.closed
        self._access = access
        self.rows = rows
        self.seconds = seconds
        self._lock = threading.Lock()
        self._running: dict[uuid.UUID, RunningStatement] = {}
        self._early = EarlyCancels()
        self._waiting = threading.Semaphore(access.pool.max_size)

    def run(self, query: Query, user: str, *, file: bool = False) -> OpenQuery:
        """Start a statement; what is wrong with it is raised at once. A file is passed on, however long it is.

        Raises:
            ForbiddenError: it is not one that reads. RequestError: several statements, or an id that is in use.
        """
        sql = one_statement(query.sql)
        try:
            return self._open(query.model_copy(update={"sql": sql}), user, self._access.pool, file=file)
        except DyntablesError as error:
            renew = self._access.renew
            if renew is None or error.sqlstate != _DENIED or not renew():
                raise
        return self._open(query.model_copy(update={"sql": sql}), user, self._access.pool, file=file)

    def preview(self, sql: str, rows: int, user: str) -> Preview:
        """Run a statement to its end and return its first rows."""
        return _first_rows(self.run(Query(sql=sql, limit=max(1, rows)), user))

    def stored(self, sql: str, rows: int, user: str, check: Callable[[psycopg.Connection], None]) -> Preview:
        """Return the first rows of a query of ours, by the service, if ``check`` finds it harmless just before."""
        query = Query(sql=sql, limit=rows, timeout_seconds=10)
        return _first_rows(self._open(query, user, self._access.stored, check))

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

    def cancel(self, query_id: uuid.UUID, user: str, *, anyones: bool = False) -> None:
        """Cancel a query; one of this person's that has not begun is stopped when it comes.

        Raises:
            ForbiddenError: it is somebody else's, and not anyone's may be cancelled.
        """
        with self._lock:
            running = self._running.get(query_id)
            if running is None:
                self._early.add(user, query_id)
                return
        if running.user != user and not anyones:
            raise ForbiddenError("the query is somebody else's")
        running.stop()

    def close(self) -> None:
        """Cancel everything, and close the connections."""
        with self._lock:
            running = list(self._running.values())
        for statement in running:
            try:
                statement.stop()
            except psycopg.Error:
                continue
        self._access.pool.close()
        self._access.stored.close()

    def _open(
        self,
        query: Query,
        user: str,
        pool: ConnectionPool[psycopg.Connection],
        check: Callable[[psycopg.Connection], None] | None = None,
        *,
        file: bool = False,
    ) -> OpenQuery:
        seconds = min(query.timeout_seconds or self.seconds, self.seconds)
        connection = self._connection(pool)
        statement = RunningStatement(query.id or uuid.uuid4(), user, query.sql, clock.now(), connection)

        def end() -> None:
            self._end(statement)
            pool.putconn(connection)

        try:
            self._begin(statement)
            longest = None if file else LONGEST_RESULT
            reading = Reading(connection, query.sql, seconds=seconds, longest=longest, check=check)
        except BaseException:
            end()
            raise
        statement.begun.set()
        limit = query.limit if file else min(query.limit or self.rows, self.rows)
        return OpenQuery(statement.id, reading, limit, end)

    def _connection(self, pool: ConnectionPool[psycopg.Connection]) -> psycopg.Connection:
        busy = TooManyRequestsError("the console is busy with other queries", hint="Try again in a moment.")
        if not self._waiting.acquire(blocking=False):
            raise busy
        try:
            return pool.getconn(_WAITING_SECONDS)
        except PoolTimeout as error:
            raise busy from error
        finally:
            self._waiting.release()

    def _begin(self, statement: RunningStatement) -> None:
        with self._lock:
            if statement.id in self._running:
                raise RequestError(f'query "{statement.id}" is running already')
            if self._early.take(statement.user, statement.id):
                raise EngineError("the query was cancelled before it began", sqlstate=_CANCELLED)
            self._running[statement.id] = statement

    def _end(self, statement: RunningStatement) -> None:
        with self._lock:
            if self._running.get(statement.id) is statement:
                del self._running[statement.id]
        statement.end()


def _first_rows(opened: OpenQuery) -> Preview:
    """Return as many rows as asked for, or fewer if they are very long."""
    found: list[list[str | None]] = []
    rows, length = opened.rows(), 0
    for row in rows:
        length += sum(len(value) for value in row if value is not None)
        if length > _PREVIEW_LENGTH:
            opened.truncated = True
            break
        found.append(list(row))
    rows.close()
    columns = [TableColumn(name=c.name, type=c.type) for c in opened.reading.columns]
    return Preview(columns=columns, rows=found, truncated=opened.truncated, milliseconds=opened.milliseconds)
