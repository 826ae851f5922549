"""The scheduler: one leader for a database, refreshing each table before its target lag is over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import psycopg

from dyntables import clock
from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable
from dyntables.engines.postgres.session import connect
from dyntables.refresh.result import RefreshResult
from dyntables.refresh.runner import Refresher
from dyntables.scheduling.deadline import batches, due, next_start
from dyntables.scheduling.housekeeper import Housekeeper

LEADER_LOCK = 0x64_79_6E_74_6C_64_72  # "dyntldr"
_POLL_SECONDS = 0.5
_RECONNECT_SECONDS = 2.0


class Scheduler:
    """Runs until it is stopped; several processes may run, one of them leads.

    Args:
        url: the database.
        workers: how many pipelines are refreshed at the same time.
        on_results: called with the results of each run, from a worker thread.
        on_problem: called with an error that stopped a run or the leader's connection.
    """

    def __init__(
        self,
        url: str,
        *,
        workers: int = 2,
        on_results: Callable[[list[RefreshResult]], None] | None = None,
        on_problem: Callable[[Exception], None] | None = None,
    ) -> None:
        self.url = url
        self.workers = workers
        self.leading = False
        self._on_results = on_results or (lambda _: None)
        self._on_problem = on_problem or (lambda _: None)
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._busy: set[int] = set()
        self._lock = threading.Lock()
        self._local = threading.local()
        self._connections: list[psycopg.Connection] = []

    def stop(self) -> None:
        """Finish the refreshes that run, and start no more."""
        self._stop.set()
        self._wake.set()

    def cancel(self) -> None:
        """Stop, and cancel the refreshes that run; their tables keep their previous contents."""
        self.stop()
        with self._lock:
            for connection in self._connections:
                if not connection.closed:
                    connection.cancel()

    def run(self) -> None:
        """Lead, or wait to lead, until ``stop`` is called."""
        while not self._stop.is_set():
            try:
                self._lead()
            except Exception as error:
                # Whatever it was, the tables still have to be kept fresh: report it, and lead again.
                self._on_problem(error)
                self._stop.wait(_RECONNECT_SECONDS)
            finally:
                self.leading = False

    def _lead(self) -> None:
        with connect(self.url, application_name="dyntables scheduler") as connection:
            while not self._stop.is_set():
                row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LEADER_LOCK,)).fetchone()
                if row and row[0]:
                    break
                self._stop.wait(1.0)
            self.leading = not self._stop.is_set()
            housekeeper = Housekeeper(self.url, self._on_problem)
            with housekeeper, ThreadPoolExecutor(self.workers, thread_name_prefix="refresh") as pool:
                while not self._stop.is_set():
                    self._wait(self._dispatch(connection, pool))
            self._close()

    def _dispatch(self, connection: psycopg.Connection, pool: ThreadPoolExecutor) -> float:
        """Start what is due; return for how many seconds nothing more will be."""
        tables = store.load_all(connection)
        now = clock.now()
        for batch in batches(tables, due(tables, now)):
            with self._lock:
                if self._busy.intersection(batch) or len(self._busy) >= self.workers * 8:
                    continue
                self._busy.update(batch)
            future = pool.submit(self._work, batch)
            future.add_done_callback(lambda f, b=batch: self._done(f, b))  # type: ignore[misc]
        with self._lock:
            upcoming = next_start(tables, self._busy)
        if upcoming is None:
            return _POLL_SECONDS
        return min(_POLL_SECONDS, max(0.005, (upcoming - clock.now()) / timedelta(seconds=1)))

    def _work(self, batch: list[int]) -> list[RefreshResult]:
        refresher: Refresher | None = getattr(self._local, "refresher", None)
        if refresher is None or refresher.connection.closed:
            connection = connect(self.url, application_name="dyntables refresh")
            refresher = self._local.refresher = Refresher(connection)
            with self._lock:
                self._connections.append(connection)
        return refresher.refresh_due(batch)

    def _done(self, future: Future[list[RefreshResult]], batch: list[int]) -> None:
        with self._lock:
            self._busy.difference_update(batch)
        error = future.exception()
        if error is None:
            self._on_results(future.result())
        elif isinstance(error, Exception):
            self._on_problem(error)
            self._stop.wait(0.2)
        self._wake.set()

    def _wait(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()

    def _close(self) -> None:
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()


def lag_seconds(table: DynamicTable) -> float | None:
    """Return how old the contents of a table are, in seconds."""
    if table.data_timestamp is None:
        return None
    return (clock.now() - table.data_timestamp).total_seconds()
