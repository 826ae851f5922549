"""Signing in by OpenID Connect."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from dyntables.catalog.past import audit
from dyntables.server.deps import Connection, Shared
from dyntables.server.security import oidc, sessions
from dyntables.server.security.cookies import is_secure, set_cookie
from dyntables.server.services import Services

router = APIRouter(prefix="/auth/oidc", tags=["people"])
_COOKIE = "dyntables_oidc"
_PATH = "/api/v1/auth/oidc"
_SECONDS = 600
Part = Annotated[str, Query(max_length=4000, pattern=r"^[^\x00]+$")]
_REDIRECTS: dict[int | str, dict[str, Any]] = {302: {"description": "To the issuer, or back to the app."}}


@router.get(
    "/login",
    status_code=302,
    summary="Sign in by OpenID Connect",
    response_class=RedirectResponse,
    responses=_REDIRECTS,
)
def start_oidc(request: Request, services: Shared) -> RedirectResponse:
    """Go to the issuer's page; the browser keeps a secret until it comes back."""
    url, attempt = oidc.begin(services.settings, _redirect(request, services))
    response = RedirectResponse(url, 302)
    secure = is_secure(request, services.settings)
    response.set_cookie(
        _COOKIE, attempt.text(), max_age=_SECONDS, path=_PATH, httponly=True, samesite="lax", secure=secure
    )
    return response


@router.get(
    "/callback", status_code=302, summary="Come back from the issuer", response_class=RedirectResponse,
    responses=_REDIRECTS,
)  # fmt: skip
def finish_oidc(
    request: Request, services: Shared, connection: Connection, state: Part, code: Part
) -> RedirectResponse:
    """Check what the issuer says, begin a sign-in, and go to the app."""
    settings = services.settings
    services.limits.attempt(request)
    attempt = oidc.read_attempt(request.cookies.get(_COOKIE))
    claims = oidc.finish(settings, _redirect(request, services), attempt, state, code)
    user = oidc.adopt(connection, settings, claims)
    audit.record(connection, "LOGIN", user.name, {"issuer": claims["iss"]})
    response = RedirectResponse("/", 302)
    secret = sessions.open_session(connection, user.id, timedelta(hours=settings.session_hours))
    set_cookie(response, request, settings, secret)
    response.delete_cookie(_COOKIE, path=_PATH)
    return response


def _redirect(request: Request, services: Services) -> str:
    base = services.settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}{_PATH}/callback"
