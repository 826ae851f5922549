"""The recorder: a thread that stores figures over time, in fine slots for hours and in coarse ones for weeks.

Of several processes on one database one records, by an advisory lock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime

import psycopg
import structlog

from dyntables import clock, locks
from dyntables.engines.postgres.connection.advisory import try_lock
from dyntables.engines.postgres.connection.session import connect
from dyntables.errors import DyntablesError
from dyntables.refresh.sources.owning import follow_tables
from dyntables.server.read.system.figures import Figure, all_figures
from dyntables.settings import Settings

COARSER = {300: 7 * 24, 3600: None}
FINE_HOURS = 6
_RETRY_SECONDS = 5.0
_UPKEEP_SECONDS = 120.0

_log = structlog.get_logger()

_STORE = """
INSERT INTO dyntables.metric AS m (name, object, width, at, average, least, greatest, samples)
VALUES (%s, %s, %s, date_bin(make_interval(secs => %s), %s, 'epoch'), %s, %s, %s, 1)
ON CONFLICT (name, object, width, at) DO UPDATE SET
    average = (m.average * m.samples + excluded.average) / (m.samples + 1), samples = m.samples + 1,
    least = least(m.least, excluded.least), greatest = greatest(m.greatest, excluded.greatest)
"""
_COARSEN = """
INSERT INTO dyntables.metric (name, object, width, at, average, least, greatest, samples)
SELECT name, object, %(to)s, date_bin(make_interval(secs => %(to)s), at, 'epoch') AS slot,
       sum(average * samples) / sum(samples), min(least), max(greatest), sum(samples)
FROM dyntables.metric
WHERE width = %(from)s AND at >= date_bin(make_interval(secs => %(to)s), now() - make_interval(secs => %(to)s), 'epoch')
GROUP BY name, object, slot
ON CONFLICT (name, object, width, at) DO UPDATE SET average = excluded.average, least = excluded.least,
    greatest = excluded.greatest, samples = excluded.samples
"""


class Recorder:
    """Runs in a thread of its own from ``start`` to ``stop``."""

    def __init__(self, url: str, settings: Settings) -> None:
        self._url = url
        self._width = max(1, round(settings.metrics_seconds))
        self._days = settings.metrics_days
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin to record."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with connect(self._url, application_name="dyntables recorder") as connection:
                    self._record(connection)
            except (psycopg.Error, DyntablesError) as error:
                if not self._stop.is_set():
                    _log.warning("figures are not recorded", error=str(error))
                self._stop.wait(_RETRY_SECONDS)

    def _record(self, connection: psycopg.Connection) -> None:
        while not try_lock(connection, locks.RECORDER):
            if self._stop.wait(_RETRY_SECONDS):
                return
        tended, since = clock.monotonic(), clock.now()
        while not self._stop.wait(self._width):
            now = clock.now()
            follow_tables(connection)
            store_figures(connection, all_figures(connection, since, now), now, self._width)
            since = now
            if clock.monotonic() - tended > _UPKEEP_SECONDS:
                tended = clock.monotonic()
                keep_up(connection, self._width, self._days)


def store_figures(connection: psycopg.Connection, figures: Iterable[Figure], at: datetime, width: int) -> None:
    """Store figures in the slot of an instant; what is not waited for may be lost in a crash."""
    rows = [(f.name, f.object, width, width, at, f.value, f.value, f.value) for f in figures]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.executemany(_STORE, rows)


def keep_up(connection: psycopg.Connection, width: int, days: int) -> None:
    """Make the coarser slots, and forget what is older than its width is kept."""
    finer, hours = width, FINE_HOURS
    for coarser, kept_hours in COARSER.items():
        if coarser <= finer:
            continue
        connection.execute(_COARSEN, {"from": finer, "to": coarser})
        _forget(connection, finer, hours)
        finer, hours = coarser, kept_hours if kept_hours is not None else days * 24
    _forget(connection, finer, hours)


def _forget(connection: psycopg.Connection, width: int, hours: int) -> None:
    connection.execute(
        "DELETE FROM dyntables.metric WHERE width = %s AND at < now() - make_interval(hours => %s)", (width, hours)
    )
