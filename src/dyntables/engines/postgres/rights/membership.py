"""The roles of the server, and for which of them a session may act."""

from __future__ import annotations

import psycopg


def user_of(connection: psycopg.Connection) -> str:
    """Return the user who has connected."""
    return connection.info.user


def role_exists(connection: psycopg.Connection, role: str) -> bool:
    """Tell whether the server has a role."""
    return may_act_for(connection, role) is not None


def may_act_for(connection: psycopg.Connection, role: str) -> bool | None:
    """Tell whether the user of the session is a member of a role; None if there is no such role."""
    row = connection.execute("SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    return None if row is None else bool(row[0])
