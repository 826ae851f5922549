"""Sign-ins: a random cookie, of which only the digest is stored; the CSRF token follows from the cookie."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

import psycopg

from dyntables.server.security.roles import How, Principal, Role

_RENEW_SECONDS = 60


def open_session(connection: psycopg.Connection, user_id: int, lifetime: timedelta) -> str:
    """Begin a sign-in and return its secret; an id is never taken from the client."""
    secret = secrets.token_urlsafe(32)
    connection.execute(
        "INSERT INTO dyntables.app_session (digest, user_id, expires_at) VALUES (%s, %s, now() + %s)",
        (digest(secret), user_id, lifetime),
    )
    connection.execute("DELETE FROM dyntables.app_session WHERE expires_at < now()")
    connection.execute("UPDATE dyntables.app_user SET last_seen_at = now() WHERE id = %s", (user_id,))
    return secret


def find_session(connection: psycopg.Connection, secret: str, lifetime: timedelta) -> Principal | None:
    """Return whose sign-in it is, if it is in force; use prolongs it."""
    row = connection.execute(
        "SELECT u.id, u.name, u.role, s.used_at < now() - make_interval(secs => %s), u.database_role "
        "FROM dyntables.app_session s "
        "JOIN dyntables.app_user u ON u.id = s.user_id "
        "WHERE s.digest = %s AND s.expires_at > now() AND NOT u.disabled",
        (_RENEW_SECONDS, digest(secret)),
    ).fetchone()
    if row is None:
        return None
    if row[3]:
        connection.execute(
            "UPDATE dyntables.app_session SET used_at = now(), expires_at = now() + %s WHERE digest = %s "
            "AND (SELECT set_config('synchronous_commit', 'off', true)) IS NOT NULL",
            (lifetime, digest(secret)),
        )
    return Principal(row[1], Role(row[2]), How.SESSION, row[0], digest(secret), row[4])


def close_session(connection: psycopg.Connection, session: bytes) -> None:
    """End a sign-in."""
    connection.execute("DELETE FROM dyntables.app_session WHERE digest = %s", (session,))


def csrf_token(secret: str) -> str:
    """Return what the app sends with each write; another site cannot know it."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def csrf_fits(secret: str, given: str | None) -> bool:
    """Tell whether a request carries the token of its sign-in."""
    return given is not None and hmac.compare_digest(csrf_token(secret).encode(), given.encode())


def digest(secret: str) -> bytes:
    """Return what is stored of a secret; it is random and long, so a fast hash will do."""
    return hashlib.sha256(secret.encode()).digest()
