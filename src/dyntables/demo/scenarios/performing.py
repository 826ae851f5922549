"""Do what a step does: statements on several connections, batches, a live stream, waiting, faults."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext

from dyntables import clock
from dyntables.client import Client
from dyntables.demo.scenarios.model import Batch, Deed, Faults, Live, Run, Step, Until
from dyntables.demo.scenarios.stage import Stage
from dyntables.demo.tpch.faults import inject
from dyntables.demo.tpch.workload import Workload
from dyntables.errors import DyntablesError, EngineError
from dyntables.wiring import new_scheduler

_POLL_SECONDS = 0.05
_BACKGROUND_SECONDS = 60.0
_SESSIONS = 8


def perform(stage: Stage, step: Step) -> None:
    """Do all deeds of a step, in order.

    Raises:
        DyntablesError: one of them did not do what it should, or did what it should not.
    """
    started: list[Future[None]] = []
    with ThreadPoolExecutor(_SESSIONS, thread_name_prefix="learn") as pool:
        try:
            for deed in step.deeds:
                if isinstance(deed, Run) and deed.background:
                    started.append(pool.submit(_run, stage.session(deed.session), stage.written(deed.sql), deed.fails))
                else:
                    _perform(stage, deed)
            for future in started:
                future.result(_BACKGROUND_SECONDS)
        except TimeoutError:
            raise EngineError("a statement in the background does not end", hint="Repeat the step.") from None
        finally:
            # The pool waits for its threads; what still runs would let it wait for ever.
            if not all(future.done() for future in started):
                stage.end_statements()
            wait(started)
            stage.close_sessions()


def _perform(stage: Stage, deed: Deed) -> None:
    match deed:
        case Run():
            _run(stage.session(deed.session), stage.written(deed.sql), deed.fails)
        case Batch(orders, every_kind):
            workload = _workload(stage, orders)
            _ = workload.one_of_each(orders) if every_kind else workload.bulk_orders(orders)
        case Live(rate, seconds):
            stop = threading.Event()
            timer = threading.Timer(seconds, stop.set)
            with _scheduled(stage):
                timer.start()
                _workload(stage, rate).run(stop)
        case Until():
            with _scheduled(stage) if deed.scheduled else nullcontext():
                _wait(stage, deed)
        case Faults(share):
            inject(stage.connection, share, stage.schema)


def _workload(stage: Stage, rate: float) -> Workload:
    return Workload(stage.url, rate=rate, schema=stage.schema)


@contextmanager
def _scheduled(stage: Stage) -> Iterator[None]:
    """Keep all tables within their lag meanwhile; where a server does that already, this one stands by."""
    with new_scheduler(stage.url):
        yield


def _wait(stage: Stage, deed: Until) -> None:
    end = clock.monotonic() + deed.seconds
    while not stage.session("watcher").execute(stage.written(deed.query)).rows[0][0]:
        if clock.monotonic() > end:
            raise EngineError(
                f"what was waited for did not come within {deed.seconds:g} seconds",
                detail=deed.query,
                hint="Repeat the step; if the machine is busy, try again later.",
            )
        threading.Event().wait(_POLL_SECONDS)


def _run(client: Client, text: str, fails: str | None) -> None:
    try:
        client.execute(text)
    except DyntablesError as error:
        if fails is None or not re.search(fails, str(error)):
            raise
        return
    if fails is not None:
        raise EngineError(f'this was to fail with "{fails}", and did not', detail=text)
