"""The cookie of a sign-in."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

from dyntables.server.security.authenticate import COOKIE
from dyntables.settings import Settings


def set_cookie(response: Response, request: HTTPConnection, settings: Settings, secret: str) -> None:
    """Set it so that scripts cannot read it, other sites cannot send it, and it goes with the browser's session."""
    response.set_cookie(
        COOKIE, secret, httponly=True, samesite="lax", secure=is_secure(request, settings), path="/",
    )  # fmt: skip


def clear_cookie(response: Response, request: HTTPConnection, settings: Settings) -> None:
    """Remove it."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=is_secure(request, settings), path="/")


def is_secure(request: HTTPConnection, settings: Settings) -> bool:
    """Tell whether the browser speaks TLS, to us or to the proxy before us."""
    return request.url.scheme == "https" or (settings.public_url or "").startswith("https:")
