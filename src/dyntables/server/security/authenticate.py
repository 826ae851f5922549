"""Recognize who makes a request, and refuse what another site may have made a browser send.

A token in Authorization, or the cookie of a sign-in, or, in demo mode, nothing at all. Whoever is recognized by what a
browser adds by itself, the cookie or being on this machine, must prove that the app made the request: writes carry its
CSRF header, and an Origin, if there is one, is our own.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from dyntables.errors import AuthenticationError, ForbiddenError
from dyntables.server.security.roles import DEMO_ADMIN, Principal
from dyntables.server.security.sessions import csrf_fits, find_session
from dyntables.server.security.tokens import find_token
from dyntables.settings import is_loopback

if TYPE_CHECKING:
    from dyntables.server.services import Services
    from dyntables.settings import Settings

COOKIE = "dyntables_session"
CSRF_HEADER = "x-csrf-token"
# A proxy stands between: who asks may be anywhere.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host")
_SAFE = {"GET", "HEAD", "OPTIONS"}


def authenticate(request: HTTPConnection, services: Services) -> Principal:
    """Return who asks.

    Raises:
        AuthenticationError: nobody we know. ForbiddenError: perhaps another site's doing.
    """
    header = request.headers.get("authorization")
    if header is not None:
        return _by_token(header, services)
    check_origin(request, services.settings)
    secret = request.cookies.get(COOKIE)
    if secret is not None and (principal := _by_cookie(request, secret, services)) is not None:
        return principal
    if services.demo_mode():
        return _demo(request)
    raise AuthenticationError("nobody is signed in", hint="Sign in, or send a token: Authorization: Bearer …")


def check_origin(request: HTTPConnection, settings: Settings) -> None:
    """Refuse a request that a page of another site made.

    Raises:
        ForbiddenError: it did.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    writes = request.scope["type"] == "websocket" or request.scope.get("method") not in _SAFE
    if not writes or origin in settings.cors_origins:
        return
    ours = {urlsplit(settings.public_url).netloc} if settings.public_url else set()
    foreign = origin is not None and urlsplit(origin).netloc not in {request.headers.get("host", ""), *ours}
    if foreign or (site in ("cross-site", "same-site") and not ours):
        raise ForbiddenError("the request comes from a page of another site")


def _by_token(header: str, services: Services) -> Principal:
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.isascii():
        raise AuthenticationError("the header Authorization must be Bearer with a token")
    with services.pool.connection() as connection:
        principal = find_token(connection, secret.strip())
    if principal is None:
        raise AuthenticationError("the token is wrong, or has expired")
    return principal


def _by_cookie(request: HTTPConnection, secret: str, services: Services) -> Principal | None:
    with services.pool.connection() as connection:
        principal = find_session(connection, secret, timedelta(hours=services.settings.session_hours))
    if principal is not None and _writes(request) and not csrf_fits(secret, request.headers.get(CSRF_HEADER)):
        raise ForbiddenError(
            "the CSRF token is missing or wrong", hint="Send the csrf_token of /auth/me as X-CSRF-Token."
        )
    return principal


def _demo(request: HTTPConnection) -> Principal:
    host = request.url.hostname or ""
    if not is_loopback(host) or any(name in request.headers for name in _FORWARDED):
        raise AuthenticationError(
            "without users, only requests to localhost are served", hint="Add one: dyntables user add NAME"
        )
    if _writes(request) and not request.headers.get(CSRF_HEADER):
        raise ForbiddenError("the CSRF header is missing", hint="Send any X-CSRF-Token; pages of other sites cannot.")
    return DEMO_ADMIN


def _writes(request: HTTPConnection) -> bool:
    return request.scope["type"] == "http" and request.scope["method"] not in _SAFE
