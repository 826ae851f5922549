"""The SQL console: statements that read, streamed, watched and cancelled; and the stored rows of dynamic tables."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from dyntables import clock
from dyntables.engines.postgres.people.reading import LONGEST_RESULT, Reading
from dyntables.errors import DyntablesError, NotFoundError, RequestError, TooManyRequestsError
from dyntables.server.one_statement import one_statement
from dyntables.server.open_query import OpenQuery
from dyntables.server.schemas.queries import ExplainQuery, Query, QueryPlan, RunningQuery
from dyntables.server.schemas.tables import Preview, TableColumn

# Who has to wait for a connection keeps a thread from others: so many may, for so long.
_WAITING_SECONDS = 2.0
_PREVIEW_LENGTH = 10_000_000
_DENIED = "42501"


@dataclass(slots=True)
class _Running:
    """A statement that runs."""

    id: uuid.UUID
    user: str
    sql: str
    started_at: datetime
    connection: psycopg.Connection


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
        self._running: dict[uuid.UUID, _Running] = {}
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
        query_id = query.id or uuid.uuid4()
        connection = self._connection(pool)

        def end() -> None:
            self._end(query_id, connection)
            pool.putconn(connection)

        try:
            with self._lock:
                if query_id in self._running:
                    raise RequestError(f'query "{query_id}" is running already')
                self._running[query_id] = _Running(query_id, user, query.sql, clock.now(), connection)
            longest = None if file else LONGEST_RESULT
            reading = Reading(connection, query.sql, seconds=seconds, longest=longest, check=check)
        except BaseException:
            end()
            raise
        limit = query.limit if file else min(query.limit or self.rows, self.rows)
        return OpenQuery(query_id, reading, limit, end)

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
