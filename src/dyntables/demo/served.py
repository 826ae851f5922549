"""The demonstration in the web app: loaded in the background, with its progress on the page."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import structlog

from dyntables import clock
from dyntables.client import Client
from dyntables.demo.app import create_missing, load_if_needed
from dyntables.demo.pipelines import pipelines, templates
from dyntables.demo.quality import keep_checking
from dyntables.demo.tpch.workload import Workload
from dyntables.errors import DyntablesError
from dyntables.server.process import Server, address, database, listening, new_server, run
from dyntables.server.services import running_services
from dyntables.server.steps import Steps
from dyntables.server.telemetry.logs import configure_logs
from dyntables.settings import Settings

_RETRY_SECONDS = 2.0

_log = structlog.get_logger()


def serve_demo(settings: Settings, *, scale: float, rate: float, browser: bool) -> None:
    """Serve until a signal; load, create and stream in the background.

    The terminal shows the progress; requests are logged there only if a level of the log is asked for.
    """
    asked = "log_level" in settings.model_fields_set
    configure_logs(settings if asked else settings.model_copy(update={"log_level": "WARNING"}))
    steps = Steps(active=True, tell=_print)
    with (
        listening(settings) as listener,
        database(settings) as (url, embedded),
        running_services(settings, url, embedded=embedded, templates=templates(), steps=steps) as services,
    ):
        server = new_server(settings, services)
        place = address(settings, listener)
        _print(f"dyntables is at {place}\nCtrl-C stops")
        with _in_background(server, steps, url, scale, rate):
            if browser and _has_screen():
                threading.Timer(1.0, webbrowser.open, (place,)).start()
            run(server, listener)


def prepare(client: Client, steps: Steps, scale: float) -> None:
    """Load the data and create the pipelines, as far as they are missing."""
    steps.say(f"Loading TPC-H at scale factor {scale:g}")
    load_if_needed(client, scale, steps)
    steps.say("Creating the pipelines")
    for pipeline in create_missing(client):
        with steps.step(f"create {pipeline.name}"):
            client.execute(pipeline.sql)


@contextmanager
def _in_background(server: Server, steps: Steps, url: str, scale: float, rate: float) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(server, steps, url, scale, rate, stop), name="demo", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def _work(server: Server, steps: Steps, url: str, scale: float, rate: float, stop: threading.Event) -> None:
    while not server.started and not stop.wait(0.05):
        continue
    try:
        with Client(url) as client:
            prepare(client, steps, scale)
    except (DyntablesError, psycopg.Error) as error:
        steps.fail(str(error))
        return
    steps.say(f"{len(pipelines())} dynamic tables follow a stream of {rate:g} orders a second", ready=True)
    quality = threading.Thread(target=keep_checking, args=(url, stop, _warn_of_quality), name="quality", daemon=True)
    quality.start()
    _stream(Workload(url, rate=rate, seed=int(clock.monotonic() * 1000)), steps, stop)
    quality.join()


def _stream(workload: Workload, steps: Steps, stop: threading.Event) -> None:
    """Change data until told to stop, through whatever is done to the tables meanwhile."""
    while not stop.is_set():
        try:
            workload.run(stop, lambda counts: steps.count(counts.rows_changed))
        except psycopg.Error as error:
            _log.warning("the stream of changes is interrupted", error=str(error))
            stop.wait(_RETRY_SECONDS)


def _warn_of_quality(problem: str) -> None:
    _log.warning("the checks of quality are interrupted", error=problem)


def _print(line: str) -> None:
    print(line, flush=True)


def _has_screen() -> bool:
    """Tell whether a browser could show itself; a text browser in the terminal would be in the way."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
