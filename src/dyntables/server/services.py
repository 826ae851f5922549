"""What requests share, from the start of the app to its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

import psycopg
import structlog
from psycopg_pool import ConnectionPool

from dyntables import clock
from dyntables.engines.postgres.pool import open_pool
from dyntables.engines.postgres.reading import READER, ensure_reader, may_write_files, open_reading_pool
from dyntables.scheduling.scheduler import Scheduler
from dyntables.server.console import Console
from dyntables.server.errors import problem_of
from dyntables.server.operations import Operations
from dyntables.server.schemas.catalog import Template
from dyntables.server.schemas.system import Check
from dyntables.server.steps import Steps
from dyntables.settings import Settings
from dyntables.wiring import open_session

_log = structlog.get_logger()


@dataclass(slots=True)
class Services:
    """One for each app that runs."""

    settings: Settings
    url: str
    embedded: bool
    version: str
    started_at: datetime
    templates: Sequence[Template]
    steps: Steps
    pool: ConnectionPool[psycopg.Connection]
    operations: Operations
    console: Console
    scheduler: Scheduler | None

    @property
    def leading(self) -> bool:
        """Whether the scheduler of this process leads."""
        return self.scheduler is not None and self.scheduler.leading

    def demo_mode(self) -> bool:
        """Tell whether requests are served without credentials."""
        return self.settings.loopback

    def scheduler_check(self) -> Check:
        """Return whether the scheduler of this process runs, if it should."""
        if self.scheduler is None:
            return Check(name="scheduler", ok=True, detail="none in this process, as asked")
        detail = "it leads" if self.scheduler.leading else "it stands by"
        return Check(name="scheduler", ok=True, detail=detail)


@contextmanager
def running_services(
    settings: Settings, url: str, *, embedded: bool, templates: Sequence[Template], steps: Steps
) -> Iterator[Services]:
    """Migrate, open the pools, start the scheduler; at the end let everything finish, and close."""
    with open_session(url, application_name="dyntables server").connection as connection:
        console = _open_console(connection, settings, url, embedded=embedded)
    scheduler = Scheduler(url, workers=settings.workers, on_problem=_report) if settings.workers else None
    thread = threading.Thread(target=scheduler.run, name="scheduler") if scheduler is not None else None
    with open_pool(url, size=settings.pool_size, application_name="dyntables api") as pool:
        services = Services(
            settings=settings,
            url=url,
            embedded=embedded,
            version=version("dyntables"),
            started_at=clock.now(),
            templates=templates,
            steps=steps,
            pool=pool,
            operations=Operations(url, problem_of),
            console=console,
            scheduler=scheduler,
        )
        if thread is not None:
            thread.start()
        try:
            yield services
        finally:
            if scheduler is not None and thread is not None:
                scheduler.stop()
            console.close()
            services.operations.close()
            if scheduler is not None and thread is not None:
                _join(scheduler, thread)


def _open_console(connection: psycopg.Connection, settings: Settings, url: str, *, embedded: bool) -> Console:
    """Open the console with the weakest role at hand."""
    role: str | None
    if settings.query_database is not None:
        reading_url, role = settings.query_database.get_secret_value(), "configured"
    elif embedded:
        reading_url, role = ensure_reader(connection, url), READER
    else:
        reading_url, role = url, None if may_write_files(connection) else connection.info.user
    pool = open_reading_pool(reading_url, size=max(2, settings.pool_size // 2))
    return Console(pool, role=role, rows=settings.query_rows, seconds=settings.query_seconds)


def _join(scheduler: Scheduler, thread: threading.Thread, seconds: float = 30) -> None:
    """Wait for the refreshes that run, and cancel them if they take too long."""
    thread.join(seconds)
    if thread.is_alive():
        scheduler.cancel()
        thread.join()


def _report(error: Exception) -> None:
    _log.warning("the scheduler met a problem", error=str(error))
