"""GRANT and REVOKE … ON DYNAMIC TABLE."""

from __future__ import annotations

from dyntables.catalog import store
from dyntables.commands.alter import find
from dyntables.commands.session import Result, Session
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements import Grant, Revoke
from dyntables.errors import CatalogError


def grant(session: Session, statement: Grant) -> Result:
    """Give a role OPERATE or MONITOR, which are ours, or SELECT, which is the server's."""
    connection = session.connection
    table, role = find(session, statement.name), _role(session, statement.role)
    with connection.transaction():
        for privilege in statement.privileges:
            if privilege == "SELECT":
                view, grantee = quote_qualified(table.schema, table.name), _grantee(statement.role)
                connection.execute(f"GRANT SELECT ON {view} TO {grantee}")
                continue
            connection.execute(
                "INSERT INTO dyntables.privilege (dynamic_table_id, grantee, privilege, grantor) VALUES (%s, "
                "%s, %s, %s) "
                "ON CONFLICT DO NOTHING",
                (table.id, role, privilege, session.actor),
            )
        store.audit(connection, "GRANT", table.qualified, privileges=list(statement.privileges), to=statement.role)
    return Result(["status"], [("statement executed",)], "GRANT")


def revoke(session: Session, statement: Revoke) -> Result:
    """Take privileges from a role."""
    connection = session.connection
    table, role = find(session, statement.name), _role(session, statement.role)
    with connection.transaction():
        if "SELECT" in statement.privileges:
            view, grantee = quote_qualified(table.schema, table.name), _grantee(statement.role)
            connection.execute(f"REVOKE SELECT ON {view} FROM {grantee}")
        connection.execute(
            "DELETE FROM dyntables.privilege WHERE dynamic_table_id = %s AND grantee = %s AND privilege = ANY(%s)",
            (table.id, role, list(statement.privileges)),
        )
        store.audit(connection, "REVOKE", table.qualified, privileges=list(statement.privileges), of=statement.role)
    return Result(["status"], [("statement executed",)], "REVOKE")


def _role(session: Session, name: str) -> int:
    if name == "public":
        return 0
    row = session.connection.execute("SELECT oid::bigint FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    if row is None:
        raise CatalogError(f'role "{name}" does not exist')
    return int(row[0])


def _grantee(name: str) -> str:
    return "PUBLIC" if name == "public" else quote_qualified(name)
