"""The listener: a thread that waits for PostgreSQL's notifications, reads what they are about, and tells the hub.

Refreshes of all processes are told of by triggers (migration 0008). Their progress is polled, and which tables were
found to be fresh, while somebody listens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
import structlog
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout

from dyntables import clock
from dyntables.catalog.quality.results import standings
from dyntables.engines.postgres.connection.session import connect
from dyntables.errors import DyntablesError
from dyntables.events import (
    AlertsChanged,
    OperationTold,
    PeopleChanged,
    QualityChanged,
    RefreshesRecorded,
    TableAltered,
    TableCreated,
    TableDropped,
)
from dyntables.events.codec import CHANNEL, Told, decode
from dyntables.server.live.hub import Hub
from dyntables.server.live.messages import (
    AlertsTold,
    GraphChanged,
    Metrics,
    PreparationProgress,
    QualityTold,
    RefreshFinished,
    RefreshProgress,
    RefreshStarted,
    TableStatus,
)
from dyntables.server.read.refreshes.history import between
from dyntables.server.read.refreshes.running import running
from dyntables.server.read.system.figures import live_figures
from dyntables.server.read.tables.listed import load
from dyntables.server.steps import Steps

_POLL_SECONDS = 0.4
_GATHER_SECONDS = 0.03
_FIGURES_SECONDS = 2.0
_RETRY_SECONDS = 1.0
_MOST_REFRESHES = 500

_LOOKED = "SELECT id, dyntables.looked_at(id, data_timestamp, system_identifier) FROM dyntables.dynamic_table"

_log = structlog.get_logger()


@dataclass(slots=True)
class _News:
    """What a batch of notifications is about."""

    refreshes: list[tuple[int, int]] = field(default_factory=list)
    created: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    altered: set[int] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    quality: bool = False
    alerts: bool = False

    def take(self, fact: Told | None) -> None:
        match fact:
            case OperationTold(text):
                self.told.append(text)
            case QualityChanged():
                self.quality = True
            case AlertsChanged():
                self.alerts = True
            case RefreshesRecorded(first, last):
                self.refreshes.append((first, last))
            case TableCreated(table_id):
                self.created.add(table_id)
            case TableDropped(table_id):
                self.dropped.add(table_id)
            case TableAltered(table_id):
                self.altered.add(table_id)


class Listener:
    """Runs in a thread of its own from ``start`` to ``stop``."""

    def __init__(
        self,
        url: str,
        pool: ConnectionPool[psycopg.Connection],
        hub: Hub,
        steps: Steps,
        hear: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._url = url
        self._pool = pool
        self._hub = hub
        self._steps = steps
        self._hand_over = hear
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
        self._running: frozenset[int] = frozenset()
        self._shown_steps = ""
        self._figures_at = 0.0
        self._looked: dict[int, datetime | None] = {}

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with connect(self._url, application_name="dyntables listener") as connection:
                    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    # What happened while nobody listened is not known.
                    self._hub.forget()
                    self._hub.doubt()
                    self._listen(connection)
            except (psycopg.Error, DyntablesError, PoolTimeout) as error:
                if not self._stop.is_set():
                    _log.warning("live news are interrupted", error=str(error))
                self._stop.wait(_RETRY_SECONDS)

    def _listen(self, connection: psycopg.Connection) -> None:
        while not self._stop.is_set():
            facts = self._hear(connection, _POLL_SECONDS, 1)
            if facts:
                facts += self._hear(connection, _GATHER_SECONDS)
            if not self._hub.wanted:
                self._hub.forget()
                continue
            news = _News()
            for fact in facts:
                news.take(fact)
            self._tell(news)

    def _hear(self, connection: psycopg.Connection, seconds: float, most: int | None = None) -> list[Told | None]:
        facts = [decode(note.payload) for note in connection.notifies(timeout=seconds, stop_after=most)]
        if PeopleChanged() in facts:
            self._hub.doubt()
        return facts

    def _tell(self, news: _News) -> None:
        for text in news.told:
            self._hand_over(text)
        if news.alerts:
            self._hub.publish(AlertsTold())
        preparation = self._steps.preparation()
        if preparation.model_dump_json() != self._shown_steps:
            self._shown_steps = preparation.model_dump_json()
            self._hub.publish(PreparationProgress(preparation=preparation))
        with self._pool.connection() as connection:
            self._tell_changes(connection, news)
            self._tell_running(connection)
            if clock.monotonic() - self._figures_at >= _FIGURES_SECONDS:
                self._figures_at = clock.monotonic()
                self._hub.publish(Metrics(at=clock.now(), values=live_figures(connection)))
                self._tell_looks(connection)

    def _tell_changes(self, connection: psycopg.Connection, news: _News) -> None:
        if news.created or news.dropped or news.altered:
            self._hub.publish(
                GraphChanged(created=sorted(news.created), dropped=sorted(news.dropped), altered=sorted(news.altered))
            )
        if news.quality:
            self._hub.publish(QualityTold())
        touched = news.created | news.altered
        if news.quality:
            touched |= standings(connection)[0].keys()
        if news.refreshes:
            first, last = min(f for f, _ in news.refreshes), max(to for _, to in news.refreshes)
            finished = between(connection, first, last, _MOST_REFRESHES)
            touched |= {r.table_id for r in finished}
            if finished:
                self._hub.publish(RefreshFinished(refreshes=finished))
        if touched:
            tables = load(connection).tables
            self._hub.publish(TableStatus(tables=[tables[i] for i in sorted(touched) if i in tables]))

    def _tell_looks(self, connection: psycopg.Connection) -> None:
        """Tell of tables that were found to be fresh; that is written nowhere, so that nobody else tells."""
        looked: dict[int, datetime | None] = dict(connection.execute(_LOOKED).fetchall())
        fresh = {i for i, at in looked.items() if at is not None and at != self._looked.get(i)}
        self._looked = looked
        if fresh:
            tables = load(connection).tables
            self._hub.publish(TableStatus(tables=[tables[i] for i in sorted(fresh) if i in tables]))

    def _tell_running(self, connection: psycopg.Connection) -> None:
        present = running(connection)
        ids = frozenset(r.table_id for r in present)
        begun = [r for r in present if r.table_id not in self._running]
        if begun:
            self._hub.publish(RefreshStarted(refreshes=begun))
        if ids or self._running:
            self._hub.publish(RefreshProgress(refreshes=present))
        self._running = ids
