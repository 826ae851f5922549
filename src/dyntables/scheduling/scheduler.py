"""The scheduler: one leader for a database, refreshing each table before its target lag is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dyntables.catalog import Connection, graph
from dyntables.catalog.cache import TableCache
from dyntables.catalog.leader import epoch_and_time
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.state.making import being_made
from dyntables.engines.postgres.connection.errors import translated
from dyntables.errors import (
    CatalogTooNewError,
    DeadlockError,
    DeposedError,
    LockNotAvailableError,
    MissingRelationError,
)
from dyntables.events import Bus, LeaderChanged
from dyntables.refresh.choice.idle import sweep
from dyntables.refresh.logs.trim import remove_remains
from dyntables.refresh.result import RefreshResult
from dyntables.refresh.standing import common_frontier, would_hold_back
from dyntables.scheduling.crew import Crew, Job
from dyntables.scheduling.deadline import Due, Starts, batches, company, due, next_start
from dyntables.scheduling.housekeeper import Housekeeper
from dyntables.scheduling.leader import Fence, Lease, connect_leader, connect_looks, try_to_lead
from dyntables.scheduling.looks import Looks
from dyntables.scheduling.pace import Pace
from dyntables.scheduling.server_clock import ServerClock
from dyntables.scheduling.skips import Skips
from dyntables.scheduling.telling import Lateness, facts_of

_POLL_SECONDS = 0.5
_STANDBY_SECONDS = 0.25
_LONGEST_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Reign:
    """What the leader of this process knows at one instant: all tables, and the fence of its commits."""

    fence: Fence
    tables: Mapping[int, DynamicTable]
    at: datetime


class Scheduler:
    """Runs until it is stopped; several processes may run, one of them leads.

    Args:
        url: the database.
        workers: how many pipelines are refreshed at the same time.
        on_results: called with the results of each run, from a worker thread.
        on_problem: called with an error that stopped a run or the leader's connection.
        bus: hears what happens while this process leads.
    """

    def __init__(
        self,
        url: str,
        *,
        workers: int = 2,
        on_results: Callable[[list[RefreshResult]], None] | None = None,
        on_problem: Callable[[Exception], None] | None = None,
        bus: Bus | None = None,
    ) -> None:
        self.url = url
        self.workers = workers
        self.leading = False
        self.reign: Reign | None = None
        self.look_seconds = 0.0
        self._on_results = on_results or (lambda _: None)
        self._on_problem = on_problem or (lambda _: None)
        self._publish = (bus or Bus()).publish
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._crew: Crew | None = None
        self._cache = TableCache()
        self._pace = Pace()
        self._starts = Starts()
        self._skips = Skips()
        self._looks = Looks()
        self._lateness = Lateness(self._publish)
        self._clock = ServerClock()

    def stop(self) -> None:
        """Finish the refreshes that run, and start no more."""
        self._stop.set()
        self._wake.set()

    def cancel(self) -> None:
        """Stop, and cancel the refreshes that run; their tables keep their previous contents."""
        self.stop()
        crew = self._crew
        if crew is not None:
            crew.cancel()

    def run(self) -> None:
        """Lead, or wait to lead, until ``stop`` is called.

        Raises:
            CatalogTooNewError: a newer version has migrated the catalog.
        """
        patience = _STANDBY_SECONDS
        while not self._stop.is_set():
            try:
                self._lead()
                patience = _STANDBY_SECONDS
            except CatalogTooNewError:
                raise
            except Exception as error:
                # Whatever it was, the tables still have to be kept fresh: report it, and lead again.
                self._on_problem(error)
                self._stop.wait(patience)
                patience = min(_LONGEST_PATIENCE, 2 * patience)

    def _lead(self) -> None:
        with connect_leader(self.url) as connection:
            epoch = try_to_lead(connection)
            while epoch is None and not self._stop.wait(_STANDBY_SECONDS):
                epoch = try_to_lead(connection)
            if epoch is None or self._stop.is_set():
                return
            self._reign(connection, Fence(epoch))

    def _reign(self, leading: Connection, fence: Fence) -> None:
        """Look until the end of the leadership, which comes before the wait for what still runs."""
        crew = self._crew = Crew(self.url, self.workers, fence, self._done)
        self._cache, self._starts, self._pace = TableCache(), Starts(), Pace()
        self._skips, self._looks, self._lateness = Skips(), Looks(), Lateness(self._publish)
        with Housekeeper(self.url, self._on_problem):
            try:
                with Lease(leading, self._wake.set) as lease, connect_looks(self.url, fence) as connection:
                    remove_remains(connection)
                    self.leading = True
                    self._publish(LeaderChanged(fence.epoch, self._clock.now()))
                    while not self._stop.is_set() or crew.jobs:
                        self._wait(_POLL_SECONDS if self._stop.is_set() else self._dispatch(connection, crew, fence))
                        lease.check()
                    self._looks.write_all(connection)
            except BaseException:
                # The lock is lost: what still runs cannot commit, and the next leader should not wait for it.
                crew.cancel()
                raise
            finally:
                self.leading = False
                self.reign = None
                crew.close()

    def _dispatch(self, connection: Connection, crew: Crew, fence: Fence) -> float:
        """Start what is due; return for how many seconds nothing more will be."""
        began = time.monotonic()
        tables = self._read(connection, fence)
        now = self._clock.now()
        self._lateness.look(tables, now)
        self.reign = Reign(fence, dict(tables), now)
        crew.note_waits(connection, now)
        busy, paused = crew.busy(), self._pace.paused(now)
        waiting = [d for d in due(tables, self._starts.of(tables, self._pace.delays), now) if d.table_id not in paused]
        made = _being_made(connection, tables, waiting)
        waiting = [d for d in waiting if d.table_id not in made]
        free = [d for d in waiting if d.table_id not in busy]
        if free:
            free = self._sweep(connection, fence, free)
            starts = self._starts.of(tables, self._pace.delays)
            free += company(tables, starts, free, now, busy | paused | made) if free else []
            self._looks.write(connection, before=graph.ancestors(tables, [d.table_id for d in free]))
            self._start(crew, tables, free)
        self._skips.record(connection, tables, crew.jobs, waiting, now)
        unavailable = crew.busy() | paused | made | {d.table_id for d in free}
        upcoming = next_start(self._starts.of(tables, self._pace.delays), unavailable)
        self.look_seconds = time.monotonic() - began
        if upcoming is None:
            return _POLL_SECONDS
        # Looking takes time of its own when there are many tables: a fifth of it, while looks are not too rare then.
        shortest = max(0.005, 4 * self.look_seconds)
        return min(max(shortest, (upcoming - self._clock.now()) / timedelta(seconds=1)), _POLL_SECONDS)

    def _read(self, connection: Connection, fence: Fence) -> dict[int, DynamicTable]:
        epoch, now = epoch_and_time(connection)
        if epoch != fence.epoch:
            raise DeposedError("this process does not lead any more", hint="It looks again whether it may.")
        self._clock.hear(now)
        return self._cache.read(connection)

    def _sweep(self, connection: Connection, fence: Fence, free: list[Due]) -> list[Due]:
        """Advance those that have nothing to do, all in one transaction; return the others."""
        before = dict(self._cache.tables)
        try:
            with translated():
                swept = sweep(connection, before, [d.table_id for d in free], fence)
        except (MissingRelationError, LockNotAvailableError, DeadlockError):
            return free  # a source or its log went away at this moment: each table on its own will see
        if swept.began_at is not None:
            self._cache.advance(swept.done, dict(swept.rows), swept.snapshot, swept.began_at, before)
            self._looks.note(swept, before)
        return [d for d in free if d.table_id not in swept.done]

    def _start(self, crew: Crew, tables: dict[int, DynamicTable], free: list[Due]) -> None:
        by_id = {d.table_id: d for d in free}
        for table_id in list(by_id):
            stand = common_frontier(tables, table_id) if would_hold_back(tables, table_id) else None
            if stand is None:
                continue
            item = by_id.pop(table_id)
            # What it reads is refreshed for its own sake: while that is not newer, there is nothing to be had.
            newer = stand[1] != tables[table_id].contents.data_timestamp
            if newer and table_id not in crew.busy() and len(crew.jobs) < crew.workers:
                crew.start(Job([item], frozenset([table_id]), self._clock.now(), standing=True))
        for batch in batches(tables, list(by_id.values())):
            if len(crew.jobs) >= crew.workers:
                return
            reach = frozenset(graph.ancestors(tables, batch))
            if not reach & crew.busy():
                crew.start(Job([by_id[i] for i in batch], reach, self._clock.now()))

    def _done(self, job: Job, outcome: list[RefreshResult] | BaseException) -> None:
        now = self._clock.now()
        if isinstance(outcome, list):
            self._pace.learn(job, outcome, now)
            self._on_results(outcome)
            for fact in facts_of(outcome, now):
                self._publish(fact)
        else:
            self._pace.punish(job, now)
            if isinstance(outcome, Exception):
                self._on_problem(outcome)
        self._wake.set()

    def _wait(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()


def _being_made(connection: Connection, tables: dict[int, DynamicTable], waiting: list[Due]) -> set[int]:
    """Return those of the due tables that the session that makes them fills itself."""
    ids = {d.table_id for d in waiting}
    held = {i: tables[i].contents for i in ids}
    new = {i for i, c in held.items() if c.data_timestamp is None or c.reinitialize_reason is not None}
    return new & being_made(connection) if new else set()
