"""Idempotency-Key: a write that is sent again, as the answer got lost, is answered again and not done again."""

from __future__ import annotations

import hashlib
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dyntables.errors import DyntablesError, PreconditionError, RequestError
from dyntables.server.errors import respond
from dyntables.server.security.authenticate import authenticate
from dyntables.server.services import Services

HEADER = "idempotency-key"
_PATHS = ("/api/v1/dynamic-tables", "/api/v1/operations")
_LONGEST = 200
_KEPT = ("content-type", "location", "etag")


class Idempotency:
    """Keeps the answers of the writes that may be repeated, for a day."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or repeat its answer."""
        applies = scope["type"] == "http" and scope["method"] != "GET" and scope["path"].startswith(_PATHS)
        key = Headers(scope=scope).get(HEADER) if applies else None
        if key is None:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            await self._once(key, request, send)
        except DyntablesError as error:
            await respond(error, request)(scope, receive, send)

    async def _once(self, key: str, request: Request, send: Send) -> None:
        if len(key) > _LONGEST or not key.isprintable():
            raise RequestError(f"an idempotency key has at most {_LONGEST} printable characters")
        services: Services = request.scope["app"].state.services
        principal = await run_in_threadpool(authenticate, request, services)
        body = await request.body()
        target = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
        digest = hashlib.sha256(target + body).digest()
        known = await run_in_threadpool(_claim, services, principal.name, key, digest)
        if known is not None:
            await known(request.scope, request.receive, send)
            return
        await self._run(request, body, send, services, principal.name, key)

    async def _run(self, request: Request, body: bytes, send: Send, services: Services, who: str, key: str) -> None:
        """Do it, and keep the answer before it is sent whole; one of 500 and more is no answer to keep."""
        answer: dict[str, Any] = {"status": 500, "headers": {}, "body": b""}
        whole = False

        async def kept(message: Message) -> None:
            nonlocal whole
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                answer["status"] = message["status"]
                answer["headers"] = {name: headers[name] for name in _KEPT if name in headers}
            elif message["type"] == "http.response.body":
                answer["body"] += message.get("body", b"")
                if not message.get("more_body"):
                    await run_in_threadpool(_keep, services, who, key, answer)
                    whole = True
            await send(message)

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        try:
            await self.app(request.scope, again, kept)
        finally:
            if not whole:
                await run_in_threadpool(_keep, services, who, key, answer | {"status": 500})


def _claim(services: Services, who: str, key: str, digest: bytes) -> Response | None:
    """Take a key for a request, or return the answer that it got before.

    Raises:
        PreconditionError: the key was used for another request, or the first one is still at work.
    """
    with services.pool.connection() as connection:
        connection.execute("DELETE FROM dyntables.request_key WHERE created_at < now() - interval '1 day'")
        taken = connection.execute(
            "INSERT INTO dyntables.request_key (who, key, request) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (who, key, digest),
        ).rowcount
        if taken:
            return None
        row = connection.execute(
            "SELECT request, status, headers, body FROM dyntables.request_key WHERE who = %s AND key = %s", (who, key)
        ).fetchone()
    if row is None or (row[1] is None and row[0] == digest):
        raise PreconditionError("the first request with this key is still at work", hint="Ask again in a moment.")
    if row[0] != digest:
        raise PreconditionError("the idempotency key was used for another request", hint="Use a new key.")
    return Response(row[3], row[1], headers={**row[2], "Idempotent-Replay": "true"})


def _keep(services: Services, who: str, key: str, answer: dict[str, Any]) -> None:
    with services.pool.connection() as connection:
        if answer["status"] >= 500:
            connection.execute("DELETE FROM dyntables.request_key WHERE who = %s AND key = %s", (who, key))
            return
        _store(connection, who, key, answer)


def _store(connection: psycopg.Connection, who: str, key: str, answer: dict[str, Any]) -> None:
    connection.execute(
        "UPDATE dyntables.request_key SET status = %s, headers = %s, body = %s WHERE who = %s AND key = %s",
        (answer["status"], Jsonb(answer["headers"]), answer["body"], who, key),
    )
