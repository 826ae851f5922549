"""OpenID Connect: authorization code with PKCE, and an ID token whose signature and claims are checked."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dyntables import clock
from dyntables.catalog.past import audit
from dyntables.errors import AuthenticationError, CatalogError, NotFoundError
from dyntables.server.security.roles import Role
from dyntables.server.security.users import User, find_user
from dyntables.settings import Settings

_SECONDS = 10.0
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
_LEEWAY = 60


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the browser keeps between leaving for the issuer and coming back."""

    state: str
    nonce: str
    verifier: str

    def text(self) -> str:
        """Return it for a cookie."""
        return f"{self.state}.{self.nonce}.{self.verifier}"


def read_attempt(cookie: str | None) -> Attempt:
    """Return what a cookie keeps.

    Raises:
        AuthenticationError: it keeps nothing: the sign-in was begun elsewhere, or too long ago.
    """
    parts = (cookie or "").split(".")
    if len(parts) != 3 or not all(parts):
        raise AuthenticationError("the sign-in was not begun in this browser", hint="Begin again.")
    return Attempt(*parts)


def begin(settings: Settings, redirect: str) -> tuple[str, Attempt]:
    """Return the issuer's page to go to, and what to keep meanwhile."""
    attempt = Attempt(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": settings.oidc_client_id or "",
        "redirect_uri": redirect,
        "scope": "openid profile email",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return str(httpx.URL(_discover(settings)["authorization_endpoint"]).copy_merge_params(asked)), attempt


def finish(settings: Settings, redirect: str, attempt: Attempt, state: str, code: str) -> dict[str, Any]:
    """Exchange the code, and return the checked claims of the ID token.

    Raises:
        AuthenticationError: anything does not fit.
    """
    if not secrets.compare_digest(state.encode(), attempt.state.encode()):
        raise AuthenticationError("the answer does not belong to this sign-in", hint="Begin again.")
    found = _discover(settings)
    try:
        token = _exchange(settings, found["token_endpoint"], redirect, attempt, code)
        keys = KeySet.import_key_set(httpx.get(found["jwks_uri"], timeout=_SECONDS).raise_for_status().json())
        claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
        registry = jwt.JWTClaimsRegistry(
            now=int(clock.now().timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": found["issuer"]},
            aud={"essential": True, "value": settings.oidc_client_id or ""},
            nonce={"essential": True, "value": attempt.nonce},
            exp={"essential": True},
            sub={"essential": True},
        )
        registry.validate(claims)
    except (JoseError, httpx.HTTPError, KeyError, ValueError) as error:
        raise AuthenticationError("the issuer's answer could not be trusted", detail=type(error).__name__) from error
    return dict(claims)


def adopt(connection: psycopg.Connection, settings: Settings, claims: dict[str, Any]) -> User:
    """Return the person of an ID token, added if new.

    Raises:
        AuthenticationError: the person is disabled. CatalogError: somebody else has the name.
    """
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    row = connection.execute(
        "SELECT name, disabled FROM dyntables.app_user WHERE issuer = %s AND subject = %s", (issuer, subject)
    ).fetchone()
    if row is None:
        return _add(connection, settings, issuer, subject, claims)
    if row[1]:
        raise AuthenticationError(f'"{row[0]}" may not sign in')
    return find_user(connection, row[0])


def _add(connection: psycopg.Connection, settings: Settings, issuer: str, subject: str, claims: dict[str, Any]) -> User:
    wanted = str(claims.get("preferred_username") or claims.get("email") or subject)
    name = re.sub(r"[^a-z0-9._@+-]", "-", wanted.lower()).lstrip("._@+-")[:100] or "somebody"
    role = Role(settings.oidc_default_role)
    try:
        with connection.transaction():
            connection.execute(
                "INSERT INTO dyntables.app_user (name, role, issuer, subject) VALUES (%s, %s, %s, %s)",
                (name, role, issuer, subject),
            )
            audit.record(connection, "USER_ADD", name, {"role": role, "issuer": issuer})
    except psycopg.errors.UniqueViolation:
        # Never taken over by name: the issuer's people are not ours.
        raise CatalogError(
            f'user "{name}" exists already, and does not sign in by {issuer}', hint="An admin can rename or remove it."
        ) from None
    return find_user(connection, name)


def _discover(settings: Settings) -> dict[str, Any]:
    if settings.oidc_issuer is None:
        raise NotFoundError("sign-in by OpenID Connect is not set up", hint="Set DYNTABLES_OIDC_ISSUER.")
    try:
        answer = httpx.get(
            f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration", timeout=_SECONDS
        ).raise_for_status()
        found: dict[str, Any] = answer.json()
        missing = {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"} - found.keys()
    except (httpx.HTTPError, json.JSONDecodeError) as error:
        raise AuthenticationError("the issuer could not be reached", detail=type(error).__name__) from error
    if missing or found["issuer"].rstrip("/") != settings.oidc_issuer.rstrip("/"):
        raise AuthenticationError("the issuer does not describe itself as it should")
    return found


def _exchange(settings: Settings, endpoint: str, redirect: str, attempt: Attempt, code: str) -> str:
    """Return the ID token for a code; the client's secret goes into the header, as issuers must take it."""
    secret = settings.oidc_client_secret
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "client_id": settings.oidc_client_id or "",
        "code_verifier": attempt.verifier,
    }
    basic = (settings.oidc_client_id or "", secret.get_secret_value()) if secret is not None else None
    answer = httpx.post(endpoint, data=form, auth=basic, timeout=_SECONDS).raise_for_status()
    return str(answer.json()["id_token"])
