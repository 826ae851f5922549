"""Personal access tokens, for programs: a role at most, an expiry, and only the digest stored."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from dyntables.catalog.past import audit
from dyntables.errors import CatalogError, NotFoundError
from dyntables.server.security.roles import How, Principal, Role
from dyntables.server.security.sessions import digest

PREFIX = "dyntables_"


@dataclass(frozen=True, slots=True)
class Token:
    """A token, without its secret."""

    id: int
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


def list_tokens(connection: psycopg.Connection, user_id: int) -> list[Token]:
    """Return the tokens of a person."""
    with connection.cursor(row_factory=class_row(Token)) as cursor:
        return cursor.execute(
            "SELECT id, name, role, created_at, expires_at, used_at FROM dyntables.access_token WHERE user_id = %s "
            "ORDER BY name",
            (user_id,),
        ).fetchall()


def make_token(connection: psycopg.Connection, user_id: int, name: str, role: Role, days: int) -> tuple[str, Token]:
    """Make a token and return its secret, this once.

    Raises:
        CatalogError: the person has one of that name.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    try:
        with connection.transaction():
            connection.execute(
                "INSERT INTO dyntables.access_token (user_id, name, digest, role, expires_at) "
                "VALUES (%s, %s, %s, %s, now() + make_interval(days => %s))",
                (user_id, name, digest(secret), role, days),
            )
            audit.record(connection, "TOKEN_ADD", name, {"role": role, "days": days})
    except psycopg.errors.UniqueViolation:
        raise CatalogError(f'you have a token "{name}" already') from None
    return secret, next(t for t in list_tokens(connection, user_id) if t.name == name)


def remove_token(connection: psycopg.Connection, user_id: int, token_id: int) -> None:
    """Remove a token of a person.

    Raises:
        NotFoundError: they have none of that id.
    """
    with connection.transaction():
        row = connection.execute(
            "DELETE FROM dyntables.access_token WHERE user_id = %s AND id = %s RETURNING name", (user_id, token_id)
        ).fetchone()
        if row is None:
            raise NotFoundError(f"token {token_id} does not exist")
        audit.record(connection, "TOKEN_REMOVE", row[0])


def find_token(connection: psycopg.Connection, secret: str) -> Principal | None:
    """Return whose token it is and what it may: no more than its owner may now."""
    row = connection.execute(
        "SELECT u.id, u.name, u.role, t.role, t.id, t.used_at IS NULL OR t.used_at < now() - interval '1 minute', "
        "u.database_role "
        "FROM dyntables.access_token t JOIN dyntables.app_user u ON u.id = t.user_id "
        "WHERE t.digest = %s AND t.expires_at > now() AND NOT u.disabled",
        (digest(secret),),
    ).fetchone()
    if row is None:
        return None
    if row[5]:
        # Nobody waits for the disk because of this.
        connection.execute(
            "UPDATE dyntables.access_token SET used_at = now() WHERE id = %s "
            "AND (SELECT set_config('synchronous_commit', 'off', true)) IS NOT NULL",
            (row[4],),
        )
    role = min(Role(row[2]), Role(row[3]), key=lambda r: r.rank)
    return Principal(row[1], role, How.TOKEN, row[0], database_role=row[6])
