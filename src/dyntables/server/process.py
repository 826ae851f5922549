"""The server as a process: the database found or started, the address announced, the signals obeyed."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import uvicorn

from dyntables.engines.postgres.embedded import start_embedded
from dyntables.errors import InvalidOptionError
from dyntables.server.app import create_app
from dyntables.server.console.access import MAKE_ONE
from dyntables.server.schemas.catalog import Template
from dyntables.server.services import Services, running_services
from dyntables.server.telemetry.logs import configure_logs
from dyntables.settings import Settings

_GRACE_SECONDS = 10
_KEEP_SECONDS = 75


@contextmanager
def database(settings: Settings) -> Iterator[tuple[str, bool]]:
    """Give the URL of the database, and whether it is the embedded server, which is stopped at the end."""
    if settings.database is not None:
        yield settings.database.get_secret_value(), False
        return
    with start_embedded(settings.data_dir) as server:
        yield server.url, True


Server: TypeAlias = uvicorn.Server


def serve(settings: Settings, templates: Sequence[Template] = ()) -> None:
    """Serve until a signal."""
    configure_logs(settings)
    with (
        listening(settings) as listener,
        database(settings) as (url, embedded),
        running_services(settings, url, embedded=embedded, templates=templates) as services,
    ):
        print(f"dyntables is at {address(settings, listener)}", flush=True)
        if services.console.closed is not None:
            print(f"The SQL console is for admins only: {services.console.closed}. {MAKE_ONE}", flush=True)
        run(new_server(settings, services), listener)


def new_server(settings: Settings, services: Services) -> Server:
    """Return a server that is ready to run."""
    return uvicorn.Server(configuration(create_app(settings, services), settings))


def run(server: Server, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM, and return: what is open is closed by whoever opened it."""
    # uvicorn raises the signal again at its end, for the handlers that were there before it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listener])


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """Give a socket that listens.

    Raises:
        InvalidOptionError: the address is in use, or not one of this machine.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=512)
    except OSError as error:
        raise InvalidOptionError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}",
            hint="Choose another --port.",
        ) from error
    # asyncio does not do this for a socket that was made without naming the protocol; the body of an answer would wait
    # 40 ms for the receipt of its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        yield listener


def configuration(app: object, settings: Settings) -> uvicorn.Config:
    """Return how uvicorn serves: signals are its own, logs are ours."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whoever connects could say any address: only proxies that are known are believed.
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        # Longer than people look at a page, and than proxies keep a connection.
        timeout_keep_alive=_KEEP_SECONDS,
        ws="websockets-sansio",
        ws_max_size=65536,
    )


def address(settings: Settings, listener: socket.socket) -> str:
    """Return where a browser finds the server."""
    host = "localhost" if settings.loopback else settings.host
    return f"http://{host}:{listener.getsockname()[1]}/"
