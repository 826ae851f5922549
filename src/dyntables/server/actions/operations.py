"""Statements that take time, each in a thread and on a connection of its own: started, watched, cancelled."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg
import structlog

from dyntables import clock
from dyntables.commands.session import Result, Session
from dyntables.engines.postgres.connection.errors import translate
from dyntables.engines.postgres.connection.processes import cancel_refresh
from dyntables.errors import DyntablesError, InternalError, NotFoundError, TooManyRequestsError
from dyntables.refresh.result import RefreshResult, Verification
from dyntables.server.schemas.base import Problem
from dyntables.server.schemas.operations import (
    Operation,
    OperationKind,
    OperationState,
    RefreshOutcome,
    VerifyOutcome,
)
from dyntables.wiring import open_session

_MOST = 8
_PATIENCE = 5.0
_PAUSE = 0.1
_KEPT = timedelta(hours=1)

_log = structlog.get_logger()
Work = Callable[[Session], Result]


@dataclass(slots=True)
class _AtWork:
    """The thread of an operation and its connection; ``cancelled``: somebody asked for its end."""

    connection: psycopg.Connection | None = None
    backend: int | None = None
    cancelled: bool = False
    future: Future[None] | None = None


@dataclass(slots=True)
class _Entry:
    """One operation while it is kept."""

    id: uuid.UUID
    kind: OperationKind
    objects: list[str]
    user: str
    role: str | None
    started_at: datetime
    ended_at: datetime | None = None
    state: OperationState = OperationState.RUNNING
    result: Result = field(default_factory=Result)
    error: DyntablesError | None = None
    at_work: _AtWork = field(default_factory=_AtWork)


class Operations:
    """All operations of this process; each is kept for an hour after its end.

    Args:
        url: the database.
        problem: makes a problem of an error.
        on_change: told of each operation that begins or ends.
    """

    def __init__(
        self,
        url: str,
        problem: Callable[[DyntablesError], Problem],
        on_change: Callable[[Operation], None] = lambda _: None,
    ) -> None:
        self._url = url
        self._problem = problem
        self._on_change = on_change
        self._lock = threading.Lock()
        self._entries: dict[uuid.UUID, _Entry] = {}
        self._pool = ThreadPoolExecutor(_MOST, thread_name_prefix="operation")

    def start(
        self, kind: OperationKind, objects: Sequence[str], user: str, work: Work, *, role: str | None = None
    ) -> Operation:
        """Start an operation; with a role of the database, one whose rights count.

        Raises:
            TooManyRequestsError: too many run already.
        """
        entry = _Entry(uuid.uuid4(), kind, list(objects), user, role, clock.now())
        with self._lock:
            self._forget()
            if sum(e.state is OperationState.RUNNING for e in self._entries.values()) >= _MOST * 4:
                raise TooManyRequestsError("too many operations are running", hint="Wait until some have ended.")
            self._entries[entry.id] = entry
        self._on_change(self._describe(entry))
        entry.at_work.future = self._pool.submit(self._run, entry, work)
        return self.get(entry.id)

    def get(self, operation_id: uuid.UUID, *, wait_seconds: float = 0) -> Operation:
        """Return an operation, after waiting at most that long for its end.

        Raises:
            NotFoundError: there is none of that id.
        """
        entry = self._entry(operation_id)
        if wait_seconds and entry.at_work.future is not None:
            wait([entry.at_work.future], wait_seconds)
        return self._describe(entry)

    def failure(self, operation_id: uuid.UUID) -> DyntablesError | None:
        """Return the error of an operation that failed."""
        return self._entry(operation_id).error

    def list(self) -> list[Operation]:
        """Return all, the newest first."""
        with self._lock:
            self._forget()
            entries = list(self._entries.values())
        return [self._describe(e) for e in reversed(entries)]

    def cancel(self, operation_id: uuid.UUID) -> Operation:
        """Cancel an operation, and wait a moment for its end; what has ended stays as it is."""
        entry = self._entry(operation_id)
        entry.at_work.cancelled = True
        connection, future = entry.at_work.connection, entry.at_work.future
        running = entry.state is OperationState.RUNNING
        if running and future is not None and connection is not None and not connection.closed:
            self._stop(entry, connection, future)
        return self.get(operation_id, wait_seconds=_PATIENCE)

    def _stop(self, entry: _Entry, connection: psycopg.Connection, future: Future[None]) -> None:
        """Stop the statement at work, and then the refresh that may come after it: until it ends, or for a time.

        The server forgets a request that comes between two statements. What is undone after the end of a refresh is
        not to be hit by a second one.
        """
        until = clock.monotonic() + _PATIENCE
        connection.cancel_safe(timeout=_PATIENCE)
        if wait([future], _PAUSE).done:
            return
        with psycopg.connect(self._url, autocommit=True) as other:
            while clock.monotonic() < until:
                if entry.at_work.backend is not None:
                    cancel_refresh(other, entry.at_work.backend)
                if wait([future], _PAUSE).done:
                    return

    def close(self, seconds: float = 10) -> None:
        """Let what runs end within a time, and cancel the rest."""
        running = [e for e in self._entries.values() if e.state is OperationState.RUNNING]
        wait([e.at_work.future for e in running if e.at_work.future is not None], seconds)
        for entry in running:
            if entry.state is OperationState.RUNNING:
                self.cancel(entry.id)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, entry: _Entry, work: Work) -> None:
        try:
            name = f"dyntables operation {entry.id}"
            session = open_session(self._url, application_name=name, migrated=False, role=entry.role)
            with session.connection as connection:
                # A pooler makes up the one that the connection was told.
                row = connection.execute("SELECT pg_backend_pid()").fetchone()
                entry.at_work.backend, entry.at_work.connection = row[0] if row else None, connection
                if entry.at_work.cancelled:
                    entry.state = OperationState.CANCELLED
                    return
                connection.execute("SELECT set_config('dyntables.user', %s, false)", (entry.user,))
                entry.result = work(session)
            entry.state = OperationState.SUCCEEDED
        except DyntablesError as error:
            self._fail(entry, error)
        except psycopg.Error as error:
            self._fail(entry, translate(error))
        except Exception as error:
            # A thread has nobody above it who would say so.
            _log.error("operation failed for a bug of ours", exc_info=error, operation=str(entry.id))
            self._fail(entry, InternalError("something went wrong", hint="The log of the server has the details."))
        finally:
            entry.ended_at = clock.now()
            entry.at_work.connection = None
            self._on_change(self._describe(entry))

    def _fail(self, entry: _Entry, error: DyntablesError) -> None:
        entry.error = error
        entry.state = OperationState.CANCELLED if entry.at_work.cancelled else OperationState.FAILED

    def _entry(self, operation_id: uuid.UUID) -> _Entry:
        with self._lock:
            entry = self._entries.get(operation_id)
        if entry is None:
            raise NotFoundError(
                f'operation "{operation_id}" does not exist', hint="Operations are kept for an hour after their end."
            )
        return entry

    def _forget(self) -> None:
        oldest = clock.now() - _KEPT
        for entry in list(self._entries.values()):
            if entry.ended_at is not None and entry.ended_at < oldest:
                del self._entries[entry.id]

    def _describe(self, entry: _Entry) -> Operation:
        result = entry.result
        return Operation(
            id=entry.id,
            kind=entry.kind,
            objects=entry.objects,
            user=entry.user,
            state=entry.state,
            started_at=entry.started_at,
            ended_at=entry.ended_at,
            seconds=((entry.ended_at or clock.now()) - entry.started_at).total_seconds(),
            notices=result.notices,
            refreshes=[_refresh_outcome(r) for r in result.refreshes],
            verifications=[_verify_outcome(v) for v in result.verifications],
            problem=self._problem(entry.error) if entry.error is not None else None,
        )


def _refresh_outcome(result: RefreshResult) -> RefreshOutcome:
    return RefreshOutcome(
        name=result.qualified,
        state=str(result.state),
        action=str(result.action) if result.action else None,
        reason=str(result.reason) if result.reason else None,
        rows_inserted=result.rows_inserted,
        rows_deleted=result.rows_deleted,
        duration_ms=round(result.duration_ms, 3),
        error=result.error.message if result.error else None,
    )


def _verify_outcome(found: Verification) -> VerifyOutcome:
    return VerifyOutcome(
        name=f"{found.schema}.{found.name}",
        equal=found.equal,
        missing_rows=found.missing_rows,
        extra_rows=found.extra_rows,
        data_timestamp=found.data_timestamp,
        action=str(found.refresh.action),
        frozen_rows=found.frozen_rows,
    )
