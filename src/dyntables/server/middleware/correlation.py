"""A correlation id for each request, in the answer, in log lines and in SQL's application_name; and the access log."""

from __future__ import annotations

import re
import secrets

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dyntables import clock
from dyntables.server.telemetry.prometheus import observe_request

HEADER = "x-request-id"
_GIVEN = re.compile(rb"[A-Za-z0-9_.-]{1,40}\Z")
_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
_QUIET = ("/api/v1/system/health", "/api/v1/system/ready", "/metrics")

_log = structlog.get_logger()


class Correlation:
    """Gives the id, and tells of the request when it is done."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under an id."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(HEADER.encode(), b"")
        correlation_id = given.decode() if _GIVEN.match(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        started, status = clock.monotonic(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = correlation_id
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id)
        try:
            await self.app(scope, receive, answer)
        finally:
            if scope["type"] == "http":
                self._tell(scope, status, clock.monotonic() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        observe_request(scope["method"] if scope["method"] in _METHODS else "OTHER", route, status, seconds)
        write = _log.debug if scope["path"] in _QUIET else _log.info
        write(
            "request",
            method=scope["method"],
            path=scope["path"],
            status=status,
            milliseconds=round(seconds * 1000, 1),
            user=scope["state"].get("user"),
        )
