"""Recommendations without waiting: what is dear to find is found in a thread, and known by the next request."""

from __future__ import annotations

import threading

import psycopg
import structlog
from psycopg_pool import ConnectionPool, PoolTimeout

from dyntables import clock
from dyntables.errors import DyntablesError
from dyntables.refresh.sources.plans import ReadingCache
from dyntables.server.read.system.missing_indexes import missing_indexes
from dyntables.server.read.system.recommendations import recommend
from dyntables.server.remember import Remembered
from dyntables.server.schemas.metrics import Recommendation

_SECONDS = 5.0
# Every definition is planned for them; what is unchanged is planned once.
_INDEX_SECONDS = 30.0

_log = structlog.get_logger()


class Advice:
    """Asked by requests; a thread of its own runs while indexes are looked for."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection], readings: ReadingCache) -> None:
        self._pool = pool
        self._readings = readings
        self._recent: Remembered[list[Recommendation]] = Remembered(_SECONDS)
        self._lock = threading.Lock()
        self._indexes: list[Recommendation] = []
        self._looked_at: float | None = None
        self._thread: threading.Thread | None = None

    def give(self, connection: psycopg.Connection) -> list[Recommendation]:
        """Return all recommendations, at most half a minute old; the first request finds no missing index yet."""
        self._look_for_indexes()
        return self._recent.get(lambda: recommend(connection, self._indexes))

    def close(self) -> None:
        """Wait for the thread."""
        if self._thread is not None:
            self._thread.join()

    def _look_for_indexes(self) -> None:
        with self._lock:
            fresh = self._looked_at is not None and clock.monotonic() - self._looked_at < _INDEX_SECONDS
            if fresh or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._look, name="advice", daemon=True)
            self._thread.start()

    def _look(self) -> None:
        try:
            with self._pool.connection() as connection:
                found = missing_indexes(connection, self._readings)
        except (psycopg.Error, DyntablesError, PoolTimeout) as error:
            _log.warning("missing indexes could not be looked for", error=str(error))
            found = self._indexes
        if found != self._indexes:
            self._indexes = found
            self._recent.forget()
        self._looked_at = clock.monotonic()
