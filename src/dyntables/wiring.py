"""The one place that builds everything, for client, CLI, server and tests."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dyntables.alerting.service import Alerting
from dyntables.catalog import Connection
from dyntables.catalog.migrate import migrate
from dyntables.commands.session import Session
from dyntables.compiler.statements import Dialect
from dyntables.engines.at_work import engine_on
from dyntables.engines.postgres.connection.session import connect
from dyntables.engines.postgres.rights.membership import may_act_for, user_of
from dyntables.errors import CatalogError, DyntablesError, PermissionDeniedError
from dyntables.events import Bus
from dyntables.refresh.checks import CHECKS
from dyntables.refresh.result import RefreshResult
from dyntables.refresh.runner import Refresher
from dyntables.scheduling.running import RunningScheduler
from dyntables.scheduling.scheduler import Scheduler
from dyntables.tracing.following import follow


def open_session(
    url: str,
    *,
    application_name: str = "dyntables",
    migrated: bool = True,
    dialect: Dialect = Dialect.POSTGRESQL,
    role: str | None = None,
) -> Session:
    """Connect to a database, bring its catalog up to date, and return a session, perhaps one that acts for a role."""
    connection = connect(url, application_name=application_name)
    try:
        if migrated:
            migrate(connection)
        if role is not None:
            _check_role(connection, role)
    except BaseException:
        connection.close()
        raise
    return Session(connection, Refresher(connection, engine_on(connection), checks=CHECKS), dialect, role)


def new_scheduler(
    url: str,
    *,
    workers: int = 2,
    on_results: Callable[[list[RefreshResult]], None] | None = None,
    on_problem: Callable[[Exception], None] | None = None,
    on_failure: Callable[[DyntablesError], None] | None = None,
    patience: float | None = None,
    alerts: bool = True,
) -> RunningScheduler:
    """Return a scheduler that runs in a thread while its context lasts, with the bus that it publishes on.

    Args:
        url: the database.
        workers: how many pipelines are refreshed at the same time.
        on_results: called with the results of each run, from a worker thread.
        on_problem: called with an error that stopped a run, the leader's connection, or a listener of the bus.
        on_failure: called with the error that ended it for good; without it, as a problem.
        patience: for how many seconds running refreshes are waited for at the end; None: for as long as they take.
        alerts: whether it alerts, too.
    """
    tell = on_problem or (lambda _: None)
    bus = Bus(tell)
    scheduler = Scheduler(url, workers=workers, on_results=on_results, on_problem=tell, bus=bus)
    alerting = Alerting(url, (scheduler, bus), tell) if alerts else None
    return RunningScheduler(
        scheduler,
        bus,
        on_failure=on_failure or tell,
        patience=patience,
        follow=partial(follow, url=url),
        beside=alerting,
    )


def alerting_without_scheduler(url: str, on_problem: Callable[[Exception], None]) -> Alerting:
    """Return what alerts in a process that schedules nothing: it says when nobody does, and sends messages."""
    return Alerting(url, None, on_problem)


def _check_role(connection: Connection, role: str) -> None:
    allowed = may_act_for(connection, role)
    if allowed is None:
        raise CatalogError(f'role "{role}" does not exist')
    if not allowed:
        raise PermissionDeniedError(f'user "{user_of(connection)}" cannot act for the role "{role}"')
