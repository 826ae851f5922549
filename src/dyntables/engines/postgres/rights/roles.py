"""Roles of the server, and what it lets them do."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from dyntables.compiler.names import quote_qualified

PUBLIC = "public"
"""How a statement of ours names everybody."""


@dataclass(frozen=True, slots=True)
class Gift:
    """Whether one role may give another what it owns, and whether the other may have it in a schema."""

    is_member: bool
    may_create: bool


def role_oid(connection: psycopg.Connection, name: str) -> int | None:
    """Return the OID of a role, 0 for everybody; None if there is no such role."""
    if name == PUBLIC:
        return 0
    row = connection.execute("SELECT oid::bigint FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    return int(row[0]) if row else None


def may_create(connection: psycopg.Connection, role: str, schema: str) -> bool:
    """Tell whether a role may create something in a schema; one that is not there is another error."""
    row = connection.execute(
        "SELECT has_schema_privilege(%s, oid, 'CREATE') FROM pg_namespace WHERE nspname = %s", (role, schema)
    ).fetchone()
    return row is None or bool(row[0])


def gift(connection: psycopg.Connection, giver: str, role: str, schema: str) -> Gift | None:
    """Return what the server asks of ALTER … OWNER TO; None if there is no such role."""
    row = connection.execute(
        "SELECT a.rolsuper OR pg_has_role(a.oid, r.oid, CASE WHEN current_setting('server_version_num')::integer "
        "< 160000 THEN 'MEMBER' ELSE 'SET' END), a.rolsuper OR has_schema_privilege(r.oid, n.oid, 'CREATE') "
        "FROM pg_roles r, pg_roles a, pg_namespace n WHERE r.rolname = %s AND a.rolname = %s AND n.nspname = %s",
        (role, giver, schema),
    ).fetchone()
    return Gift(*row) if row else None


def act_as(connection: psycopg.Connection, role: str) -> None:
    """Have the rights of a role, and no others, until the end of the transaction."""
    connection.execute(f"SET LOCAL ROLE {quote_qualified(role)}")


def grant_select(connection: psycopg.Connection, schema: str, name: str, role: str) -> None:
    """Let a role read a view."""
    connection.execute(f"GRANT SELECT ON {quote_qualified(schema, name)} TO {_grantee(role)}")


def revoke_select(connection: psycopg.Connection, schema: str, name: str, role: str) -> None:
    """Let a role read a view no longer."""
    connection.execute(f"REVOKE SELECT ON {quote_qualified(schema, name)} FROM {_grantee(role)}")


def _grantee(role: str) -> str:
    return "PUBLIC" if role == PUBLIC else quote_qualified(role)
