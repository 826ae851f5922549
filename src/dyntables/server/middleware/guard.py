"""What is refused before anything else looks at it: foreign hosts, long bodies, too many requests."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dyntables.errors import DyntablesError, ForbiddenError, TooLargeError
from dyntables.server.errors import respond
from dyntables.server.limiting import Limits
from dyntables.settings import Settings, is_loopback

_BODY_SECONDS = 30.0


class Guard:
    """Refuses with a problem, or lets pass."""

    def __init__(self, app: ASGIApp, settings: Settings, limits: Limits) -> None:
        self.app = app
        self.settings = settings
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        try:
            connection = HTTPConnection(scope)
            check_host(connection, self.settings)
            self._check_length(connection)
            if self.limits.shared:
                await run_in_threadpool(self.limits.arrival, connection)
            else:
                self.limits.arrival(connection)
        except DyntablesError as error:
            await self._refuse(error, scope, receive, send)
            return
        await self.app(scope, receive if scope["type"] == "websocket" else self._counted(receive), send)

    def _check_length(self, connection: HTTPConnection) -> None:
        given = connection.headers.get("content-length", "0")
        if given.isdigit() and int(given) > self.settings.max_body_bytes:
            raise self._too_large()

    def _counted(self, receive: Receive) -> Receive:
        """Count the body as it comes: a client may send more than it said, say nothing, or take for ever."""
        taken, whole = 0, False
        until = asyncio.get_running_loop().time() + _BODY_SECONDS

        async def counted() -> Message:
            nonlocal taken, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, f"the request took longer than {_BODY_SECONDS:.0f} seconds to come") from None
            whole = message["type"] != "http.request" or not message.get("more_body", False)
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self.settings.max_body_bytes:
                    # Of all errors in the middle of a body, only this kind passes through FastAPI as it is.
                    raise HTTPException(413, self._too_large().message)
            return message

        return counted

    def _too_large(self) -> TooLargeError:
        return TooLargeError(f"the request is longer than {self.settings.max_body_bytes} bytes")

    async def _refuse(self, error: DyntablesError, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": error.message})
            return
        await respond(error, Request(scope))(scope, receive, send)


def check_host(connection: HTTPConnection, settings: Settings) -> None:
    """Refuse a request for a host that we are not: it may be rebound to this machine.

    Raises:
        ForbiddenError: it names another one.
    """
    name = host_name(connection.headers.get("host", ""))
    known = {name.lower() for name in settings.allowed_hosts} | {settings.host.lower()}
    if settings.public_url:
        known.add(host_name(urlsplit(settings.public_url).netloc))
    anywhere = not settings.loopback and not settings.allowed_hosts and not settings.public_url
    if not (is_loopback(name) or name in known or anywhere):
        raise ForbiddenError(
            f'the host "{name}" is not served here', hint="Set DYNTABLES_ALLOWED_HOSTS or DYNTABLES_PUBLIC_URL."
        )


def host_name(netloc: str) -> str:
    """Return the name of ``name:port``."""
    name = netloc[: netloc.find("]") + 1] if netloc.startswith("[") else netloc.rsplit(":", 1)[0]
    return name.lower()
