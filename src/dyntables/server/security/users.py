"""People: kept in the catalog, added by the command line or by an admin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from dyntables.catalog.past import audit
from dyntables.engines.postgres.rights.membership import may_act_for, user_of
from dyntables.errors import CatalogError, InvalidOptionError, NotFoundError
from dyntables.server.security.passwords import hash_password, is_outdated, password_fits
from dyntables.server.security.roles import Role

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}\Z")
_COLUMNS = (
    "id, name, role, database_role, password_hash, issuer, disabled, created_at, password_changed_at, last_seen_at"
)


@dataclass(frozen=True, slots=True)
class User:
    """One person."""

    id: int
    name: str
    role: Role
    database_role: str | None
    password_hash: str | None
    issuer: str | None
    disabled: bool
    created_at: datetime
    password_changed_at: datetime | None
    last_seen_at: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "role", Role(self.role))


def any_user(connection: psycopg.Connection) -> bool:
    """Tell whether anybody can sign in."""
    row = connection.execute("SELECT EXISTS (SELECT 1 FROM dyntables.app_user WHERE NOT disabled)").fetchone()
    return bool(row and row[0])


def list_users(connection: psycopg.Connection) -> list[User]:
    """Return all, by name."""
    with connection.cursor(row_factory=class_row(User)) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM dyntables.app_user ORDER BY name").fetchall()


def find_user(connection: psycopg.Connection, name: str) -> User:
    """Return one by name.

    Raises:
        NotFoundError: there is none.
    """
    found = _find(connection, name)
    if found is None:
        raise NotFoundError(f'user "{name}" does not exist')
    return found


def add_user(
    connection: psycopg.Connection, name: str, role: Role, password: str | None, database_role: str | None = None
) -> User:
    """Add a person; without a password, one who signs in by OpenID Connect; perhaps one who acts for a role.

    Raises:
        InvalidOptionError: name or password are not allowed, or the first user would not be an admin.
        CatalogError: the name is taken, or there is no such role.
    """
    if not _NAME.match(name):
        raise InvalidOptionError(
            f'"{name}" cannot be a user name', hint="It has 1 to 100 small letters, digits and any of . _ @ + -"
        )
    if role is not Role.ADMIN and not any_user(connection):
        raise InvalidOptionError("the first user must be an admin", hint="Somebody has to be able to add the others.")
    hashed = hash_password(password) if password is not None else None
    _check_database_role(connection, database_role)
    try:
        with connection.transaction():
            connection.execute(
                "INSERT INTO dyntables.app_user (name, role, database_role, password_hash, password_changed_at) "
                "VALUES (%s, %s, %s, %s, CASE WHEN %s THEN now() END)",
                (name, role, database_role, hashed, hashed is not None),
            )
            audit.record(connection, "USER_ADD", name, {"role": role, "database_role": database_role})
    except psycopg.errors.UniqueViolation:
        raise CatalogError(f'user "{name}" exists already') from None
    return find_user(connection, name)


def change_user(
    connection: psycopg.Connection,
    name: str,
    *,
    role: Role | None = None,
    password: str | None = None,
    disabled: bool | None = None,
    database_role: str | None = None,
    keep_tokens: bool = False,
) -> User:
    """Change a person, and end all sign-ins; a new password ends the tokens, too, unless they are kept.

    An empty database role takes it away.

    Raises:
        CatalogError: nobody would be left who is an admin, or there is no such role of the database.
    """
    user = find_user(connection, name)
    hashed = hash_password(password) if password is not None else None
    _check_database_role(connection, database_role or None)
    with connection.transaction():
        connection.execute(
            "UPDATE dyntables.app_user SET role = coalesce(%s, role), password_hash = coalesce(%s, password_hash), "
            "password_changed_at = CASE WHEN %s THEN now() ELSE password_changed_at END, "
            "disabled = coalesce(%s, disabled), database_role = nullif(coalesce(%s, database_role), '') WHERE id = %s",
            (role, hashed, hashed is not None, disabled, database_role, user.id),
        )
        _keep_admin(connection)
        connection.execute("DELETE FROM dyntables.app_session WHERE user_id = %s", (user.id,))
        if hashed is not None and not keep_tokens:
            connection.execute("DELETE FROM dyntables.access_token WHERE user_id = %s", (user.id,))
        given = {"role": role, "disabled": disabled, "database_role": database_role}
        audit.record(connection, "USER_CHANGE", name, {**given, "password": password is not None})
    return find_user(connection, name)


def remove_user(connection: psycopg.Connection, name: str) -> None:
    """Remove a person with their sign-ins and tokens.

    Raises:
        CatalogError: nobody would be left who is an admin.
    """
    user = find_user(connection, name)
    with connection.transaction():
        connection.execute("DELETE FROM dyntables.app_user WHERE id = %s", (user.id,))
        _keep_admin(connection)
        audit.record(connection, "USER_REMOVE", name)


def check_password(connection: psycopg.Connection, name: str, password: str) -> User | None:
    """Return the person whose name and password these are, if they may sign in."""
    user = _find(connection, name.lower())
    if not password_fits(password, user.password_hash if user is not None else None):
        return None
    assert user is not None
    assert user.password_hash is not None
    if user.disabled:
        return None
    if is_outdated(user.password_hash):
        connection.execute(
            "UPDATE dyntables.app_user SET password_hash = %s WHERE id = %s", (hash_password(password), user.id)
        )
    return user


def _find(connection: psycopg.Connection, name: str) -> User | None:
    with connection.cursor(row_factory=class_row(User)) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM dyntables.app_user WHERE name = %s", (name,)).fetchone()


def _check_database_role(connection: psycopg.Connection, name: str | None) -> None:
    """Refuse a role that does not exist, or that the connected user cannot act for."""
    if name is None:
        return
    allowed = may_act_for(connection, name)
    if allowed is None:
        raise CatalogError(f'role "{name}" does not exist in the database', hint=f'Run CREATE ROLE "{name}" first.')
    if not allowed:
        raise CatalogError(f'"{user_of(connection)}" cannot act for the role "{name}"')


def _keep_admin(connection: psycopg.Connection) -> None:
    """Refuse, within the transaction, to leave users without an admin, or to fall back to demo mode unawares."""
    row = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE role = 'admin' AND NOT disabled) FROM dyntables.app_user"
    ).fetchone()
    if row is not None and row[1] == 0 and row[0] > 0:
        raise CatalogError("no admin would be left", hint="Make somebody else an admin first.")
