"""Alerts in a process: a thread that watches while the process leads, and the sender."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from dyntables import clock
from dyntables.alerting.asking import EVERY, Asker
from dyntables.alerting.leading import Leading
from dyntables.alerting.sender import Sender
from dyntables.alerting.standby import Standby
from dyntables.catalog import Connection
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.connection.session import connect_unattended
from dyntables.errors import DeposedError
from dyntables.events import Bus, Fact, RefreshEnded
from dyntables.scheduling.scheduler import Scheduler

_LOOK_SECONDS = 0.25
_PATIENCE_SECONDS = 1.0


class Alerting:
    """Runs from entering the context to leaving it.

    Args:
        url: the database.
        scheduler: of this process, and the bus on which it publishes; None if it has none.
        on_problem: called with an error that stopped a look; the next is tried all the same.
        every: how often the queries of rules are asked.
    """

    def __init__(
        self,
        url: str,
        scheduler: tuple[Scheduler, Bus] | None,
        on_problem: Callable[[Exception], None],
        every: timedelta = EVERY,
    ) -> None:
        self._url, self._on_problem, self._every = url, on_problem, every
        self._scheduler = scheduler[0] if scheduler is not None else None
        self._leave = scheduler[1].listen(self._hear) if scheduler is not None else (lambda: None)
        self._stop, self._wake = threading.Event(), threading.Event()
        self._ended: set[int] = set()
        self._lock = threading.Lock()
        self._sender = Sender(url, on_problem)
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def __enter__(self) -> Alerting:
        self._sender.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()
        self._stop.set()
        self._wake.set()
        self._thread.join()
        self._sender.__exit__()

    def _hear(self, fact: Fact) -> None:
        if isinstance(fact, RefreshEnded):
            with self._lock:
                self._ended.add(fact.table_id)
        self._wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with translated(), connect_unattended(self._url, application_name="dyntables alerts") as connection:
                    self._work(connection)
            except DeposedError:
                pass  # another process leads, and watches
            except Exception as error:
                # Whatever it was, somebody has to watch: report it, and begin anew from the catalog.
                self._on_problem(error)
            self._stop.wait(_PATIENCE_SECONDS)

    def _work(self, connection: Connection) -> None:
        """Watch over one connection, as the leader or beside it, until something fails."""
        leading: Leading | None = None
        epoch: int | None = None
        standby = Standby()
        asker = Asker(self._url, self._every)
        try:
            while not self._stop.is_set():
                reign = self._scheduler.reign if self._scheduler is not None else None
                if reign is None:
                    leading = None
                    if standby.look(connection, clock.monotonic()):
                        self._sender.wake()
                else:
                    if leading is None or epoch != reign.fence.epoch:
                        leading, epoch = Leading(connection, reign, asker), reign.fence.epoch
                    if leading.tick(reign, self._take_ended()):
                        self._sender.wake()
                self._wake.wait(_LOOK_SECONDS)
                self._wake.clear()
        finally:
            asker.close()

    def _take_ended(self) -> set[int]:
        with self._lock:
            ended, self._ended = self._ended, set()
        return ended
