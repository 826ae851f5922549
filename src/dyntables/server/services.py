"""What requests share, from the start of the app to its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version

import psycopg
import structlog
from psycopg_pool import ConnectionPool

from dyntables import clock
from dyntables.engines.postgres.capture.captured import renew_functions
from dyntables.engines.postgres.connection.pool import open_pool
from dyntables.errors import InvalidOptionError
from dyntables.refresh.sources.plans import ReadingCache
from dyntables.scheduling.running import RunningScheduler
from dyntables.scheduling.scheduler import Scheduler
from dyntables.server.actions.operations import Operations
from dyntables.server.advice import Advice
from dyntables.server.console.access import open_access
from dyntables.server.console.console import Console
from dyntables.server.errors import problem_without_values
from dyntables.server.limiting import Limits
from dyntables.server.live.live import Live, open_live
from dyntables.server.live.messages import OperationChanged
from dyntables.server.remember import Remembered
from dyntables.server.schemas.catalog import Template
from dyntables.server.schemas.system import Check
from dyntables.server.security.users import any_user
from dyntables.server.steps import Steps
from dyntables.server.telemetry.prometheus import count_refreshes
from dyntables.server.telemetry.recorder import Recorder
from dyntables.server.templates import patterns
from dyntables.settings import Settings
from dyntables.wiring import alerting_without_scheduler, new_scheduler, open_session

# An admin may be added by the command line while the server runs.
_MODE_SECONDS = 2.0
_READ_SECONDS = 60.0
# How long the end waits for refreshes that run, before it cancels them.
_PATIENCE_SECONDS = 30.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """What serves, and over which database; ``embedded``: it is ours to run."""

    url: str
    embedded: bool
    version: str = field(init=False, default_factory=lambda: version("dyntables"))
    started_at: datetime = field(init=False, default_factory=clock.now)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the process brings along: statements to begin with, and the progress of what it prepares."""

    templates: Sequence[Template]
    steps: Steps


@dataclass(slots=True)
class Services:
    """One for each app that runs."""

    settings: Settings
    place: Place
    prepared: Prepared
    pool: ConnectionPool[psycopg.Connection]
    console: Console
    scheduling: RunningScheduler | None
    live: Live
    operations: Operations = field(init=False)
    limits: Limits = field(init=False)
    readings: ReadingCache = field(init=False)
    advice: Advice = field(init=False)
    _nobody: Remembered[bool] = field(default_factory=lambda: Remembered(_MODE_SECONDS))

    def __post_init__(self) -> None:
        self.operations = Operations(
            self.place.url,
            problem_without_values,
            lambda operation: self.live.fanout.tell(OperationChanged(operation=operation)),
        )
        self.limits = Limits(self.settings)
        self.readings = ReadingCache(_READ_SECONDS)
        self.advice = Advice(self.pool, self.readings)

    @property
    def scheduler(self) -> Scheduler | None:
        """The scheduler of this process, if it has one."""
        return self.scheduling.scheduler if self.scheduling is not None else None

    @property
    def leading(self) -> bool:
        """Whether the scheduler of this process leads."""
        return self.scheduler is not None and self.scheduler.leading

    def demo_mode(self) -> bool:
        """Tell whether requests are served without credentials: nobody can sign in, and only this machine connects."""
        return self.settings.loopback and self._nobody.get(self._ask_for_users)

    def forget_mode(self) -> None:
        """Look again whether anybody can sign in."""
        self._nobody.forget()

    def _ask_for_users(self) -> bool:
        with self.pool.connection() as connection:
            return not any_user(connection)

    def scheduler_check(self) -> Check:
        """Return whether the scheduler of this process runs, if it should."""
        if self.scheduling is None:
            return Check(name="scheduler", ok=True, detail="none in this process, as asked")
        if not self.scheduling.alive:
            return Check(name="scheduler", ok=False, detail="it has stopped: the log says why")
        detail = "it leads" if self.leading else "it stands by"
        return Check(name="scheduler", ok=True, detail=detail)


@contextmanager
def running_services(
    settings: Settings,
    url: str,
    *,
    embedded: bool = False,
    templates: Sequence[Template] = (),
    steps: Steps | None = None,
) -> Iterator[Services]:
    """Migrate, open the pools, start the scheduler; at the end let everything finish, and close.

    Args:
        settings: all that can be set.
        url: the database.
        embedded: whether that is the embedded server, whose roles are ours to make.
        templates: statements to begin with, beside the common patterns.
        steps: the progress of what the process prepares.

    Raises:
        InvalidOptionError: other machines could connect, and no user exists.
    """
    prepared = Prepared([*templates, *patterns()], steps or Steps())
    _prepare_database(url, settings)
    with ExitStack() as stack:
        scheduling = _enter_scheduler(stack, url, settings)
        pool = stack.enter_context(open_pool(url, size=settings.pool_size, application_name="dyntables api"))
        services = Services(
            settings=settings,
            place=Place(url, embedded),
            prepared=prepared,
            pool=pool,
            console=_open_console(settings, url, pool, embedded=embedded),
            scheduling=scheduling,
            live=open_live(settings, url, pool, prepared.steps),
        )
        yield stack.enter_context(_at_work(services))


def _prepare_database(url: str, settings: Settings) -> None:
    """Migrate, and see that the server may serve it."""
    with open_session(url, application_name="dyntables server").connection as connection:
        _require_users(connection, settings)
        _look_after_logs(connection)


def _enter_scheduler(stack: ExitStack, url: str, settings: Settings) -> RunningScheduler | None:
    """Start the scheduler, or without one what says that nobody schedules."""
    if settings.workers:
        return stack.enter_context(_new_scheduler(url, settings))
    stack.enter_context(alerting_without_scheduler(url, _tell_problem))
    return None


def _tell_problem(error: Exception) -> None:
    _log.warning("the scheduler met a problem", error=str(error))


def _new_scheduler(url: str, settings: Settings) -> RunningScheduler:
    return new_scheduler(
        url,
        workers=settings.workers,
        on_results=count_refreshes,
        on_problem=_tell_problem,
        on_failure=lambda error: _log.error("the scheduler has stopped for good", error=error.message, hint=error.hint),
        patience=_PATIENCE_SECONDS,
    )


def _look_after_logs(connection: psycopg.Connection) -> None:
    """Bring change logs to what this version makes of them, and say what is missing for that."""
    connection.execute("SELECT dyntables.keep_logs()")
    renew_functions(connection)
    row = connection.execute("SELECT dyntables.log_keeper_advice()").fetchone()
    if row is not None and row[0] is not None:
        _log.warning("change_logs_not_kept", detail=row[0])


@contextmanager
def _at_work(services: Services) -> Iterator[Services]:
    """Run what works beside the requests; at the end stop it, and let what runs finish."""
    recorder = Recorder(services.place.url, services.settings)
    services.live.start()
    recorder.start()
    try:
        yield services
    finally:
        if services.scheduling is not None:
            services.scheduling.stop()
        services.live.listener.stop()
        recorder.stop()
        services.advice.close()
        services.console.close()
        services.operations.close()
        services.live.fanout.stop()


def _open_console(settings: Settings, url: str, pool: ConnectionPool[psycopg.Connection], *, embedded: bool) -> Console:
    with pool.connection() as connection:
        access = open_access(connection, settings, url, pool, embedded=embedded)
    return Console(access, rows=settings.query_rows, seconds=settings.query_seconds)


def _require_users(connection: psycopg.Connection, settings: Settings) -> None:
    """Refuse to serve other machines while nobody has to sign in.

    Raises:
        InvalidOptionError: no user exists.
    """
    if not settings.loopback and not any_user(connection):
        raise InvalidOptionError(
            f"the server would be reachable at {settings.host}, and no user exists",
            hint="Add one first: dyntables user add NAME --role admin. Or listen on 127.0.0.1.",
        )
