"""The workers of a leadership: a few threads, each with a connection of its own, and what is at work at present."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from dyntables import clock
from dyntables.catalog import Connection
from dyntables.catalog.model import Trigger
from dyntables.engines.at_work import engine_on
from dyntables.engines.postgres.connection.activity import cancel_statement, lock_waits, session_id
from dyntables.refresh.checks import CHECKS
from dyntables.refresh.result import RefreshResult
from dyntables.refresh.runner import Refresher
from dyntables.scheduling.deadline import Due
from dyntables.scheduling.leader import Fence, connect_worker

_PATIENCE = 2.0
_SUSPICIOUS = timedelta(seconds=1)
_PAUSE = 0.1


@dataclass(slots=True)
class Job:
    """One pipeline at work: what was due, everything that it keeps busy, and since when.

    A standing job is of one table, over what it reads as that stands.
    """

    due: list[Due]
    reach: frozenset[int]
    started_at: datetime
    standing: bool = False

    @property
    def targets(self) -> list[int]:
        """The tables that were due."""
        return [d.table_id for d in self.due]


class Crew:
    """Runs jobs; ``on_done`` is called from a worker's thread with the job and its results or error."""

    def __init__(
        self,
        url: str,
        workers: int,
        fence: Fence,
        on_done: Callable[[Job, list[RefreshResult] | BaseException], None],
    ) -> None:
        self.workers = workers
        self._url, self._fence, self._on_done = url, fence, on_done
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="refresh")
        self._lock = threading.Lock()
        self._local = threading.local()
        self._connections: set[Connection] = set()
        self._jobs: list[Job] = []
        self._blocked: dict[int, dict[datetime, float]] = {}

    @property
    def jobs(self) -> list[Job]:
        """The jobs at work."""
        with self._lock:
            return list(self._jobs)

    def busy(self) -> set[int]:
        """Return the tables that jobs at work may refresh or read."""
        return {i for job in self.jobs for i in job.reach}

    def start(self, job: Job) -> None:
        """Start a job; call it only while a worker is free."""
        with self._lock:
            self._jobs.append(job)
        self._pool.submit(self._work, job).add_done_callback(lambda future: self._done(job, future))

    def note_waits(self, connection: Connection, now: datetime) -> None:
        """Note for how long workers have been waiting for locks; a wait counts until the last look that found it.

        Only a second session can see it. Call it as often as the scheduler looks; refreshes that have just begun are
        not worth a query.
        """
        if not any(now - job.started_at > _SUSPICIOUS for job in self.jobs):
            return
        with self._lock:
            pids = [session_id(c) for c in self._connections if not c.closed]
        for pid, since, seconds in lock_waits(connection, pids):
            self._blocked.setdefault(pid, {})[since] = seconds

    def cancel(self) -> None:
        """Cancel what runs, until it ends or for a time; the tables keep their previous contents."""
        until = clock.monotonic() + _PATIENCE
        while True:
            with self._lock:
                for connection in self._connections:
                    cancel_statement(connection)
            # The server forgets a request that comes between two statements.
            if not self.jobs or clock.monotonic() > until:
                return
            time.sleep(_PAUSE)

    def close(self) -> None:
        """Wait for the jobs at work, and close the connections."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for connection in self._connections:
            connection.close()

    def _work(self, job: Job) -> list[RefreshResult]:
        refresher = self._refresher()
        self._blocked.pop(session_id(refresher.connection), None)
        if job.standing:
            results = refresher.refresh_standing(job.targets[0])
            if results is not None:
                return results
        return refresher.refresh(job.targets, Trigger.SCHEDULED, {d.table_id: d.seen for d in job.due})

    def _refresher(self) -> Refresher:
        refresher: Refresher | None = getattr(self._local, "refresher", None)
        if refresher is None or refresher.connection.closed:
            connection = connect_worker(self._url, self._fence)
            with self._lock:
                self._connections = {c for c in self._connections if not c.closed} | {connection}
            pid = session_id(connection)
            refresher = Refresher(
                connection,
                engine_on(connection),
                self._fence,
                lambda: sum(self._blocked.get(pid, {}).values()),
                CHECKS,
            )
            self._local.refresher = refresher
        return refresher

    def _done(self, job: Job, future: Future[list[RefreshResult]]) -> None:
        with self._lock:
            self._jobs = [j for j in self._jobs if j is not job]
        error = future.exception()
        self._on_done(job, error if error is not None else future.result())
