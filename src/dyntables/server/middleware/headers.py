"""Security headers, a strict content security policy with a nonce for the styles of the app, and ETags."""

from __future__ import annotations

import hashlib
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FIXED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self' blob:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_LARGEST_TAGGED = 2_000_000


class SecurityHeaders:
    """Adds the headers; ``scope["state"]["nonce"]`` is the nonce of the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and add the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _FIXED.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", _POLICY.format(nonce=nonce))
                if scope["path"].startswith("/api/"):
                    headers.setdefault("cache-control", "no-store" if scope["method"] != "GET" else "no-cache")
                if scope.get("scheme") == "https":
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        await self.app(scope, receive, answer)


class EntityTags:
    """Tags the JSON answers to GET by their contents, and answers 304 to who has them already."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and tag the answer."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return
        wanted = Headers(scope=scope).get("if-none-match")
        start: Message | None = None

        async def answer(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _taggable(message):
                start = message
                return
            if start is not None:
                begin, start = start, None
                message = _tag(begin, message, wanted)
                await send(begin)
            await send(message)

        await self.app(scope, receive, answer)


def _taggable(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    length = headers.get("content-length", "")
    is_json = headers.get("content-type", "").startswith("application/json")
    return start["status"] == 200 and is_json and length.isdigit() and int(length) <= _LARGEST_TAGGED


def _tag(start: Message, body: Message, wanted: str | None) -> Message:
    """Set the tag unless the handler has, and return the body to send: none, if the client has it."""
    headers = MutableHeaders(scope=start)
    tag = headers.get("etag") or f'W/"{hashlib.sha256(body.get("body", b"")).hexdigest()[:20]}"'
    headers["etag"] = tag
    if wanted is None or tag not in [t.strip() for t in wanted.split(",")] or not tag.startswith("W/"):
        return body
    start["status"] = 304
    del headers["content-length"]
    del headers["content-type"]
    return {"type": "http.response.body", "body": b""}
