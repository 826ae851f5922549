"""What roles may do with dynamic tables: privileges that are ours, and what follows from ownership."""

from __future__ import annotations

from collections.abc import Sequence

from dyntables.catalog.connection import Connection


def grant(connection: Connection, table_id: int, grantee: int, privilege: str, grantor: str) -> None:
    """Record a privilege of a role, by its OID; 0 is everybody."""
    connection.execute(
        "INSERT INTO dyntables.privilege (dynamic_table_id, grantee, privilege, grantor) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        (table_id, grantee, privilege, grantor),
    )


def revoke(connection: Connection, table_id: int, grantee: int, privileges: Sequence[str]) -> None:
    """Take privileges from a role, by its OID; 0 is everybody."""
    connection.execute(
        "DELETE FROM dyntables.privilege WHERE dynamic_table_id = %s AND grantee = %s AND privilege = ANY(%s)",
        (table_id, grantee, list(privileges)),
    )


def lacking(connection: Connection, role: str, table_id: int, privilege: str) -> str | None:
    """Return the name of a table if a role lacks a privilege on it; of a table that is gone nothing is asked."""
    row = connection.execute(
        "SELECT schema_name || '.' || table_name FROM dyntables.dynamic_table "
        "WHERE id = %s AND NOT dyntables.allowed(%s, id, %s)",
        (table_id, role, privilege),
    ).fetchone()
    return str(row[0]) if row else None


def owns(connection: Connection, role: str, owner: str) -> bool:
    """Tell whether a role has the rights of an owner, directly or as the service itself."""
    row = connection.execute(
        "SELECT dyntables.is_member(%s, %s) OR dyntables.is_member(%s, current_user)", (role, owner, role)
    ).fetchone()
    return row is None or bool(row[0])
