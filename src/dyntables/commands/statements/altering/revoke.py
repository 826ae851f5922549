"""REVOKE … ON DYNAMIC TABLE."""

from __future__ import annotations

from dyntables.catalog import privileges
from dyntables.catalog.past import audit
from dyntables.commands.command import Command
from dyntables.commands.naming import find, role_named
from dyntables.commands.session import Result, Session, executed
from dyntables.compiler.statements import Revoke
from dyntables.engines.postgres.rights.roles import revoke_select


def revoke(session: Session, statement: Revoke) -> Result:
    """Take privileges from a role."""
    connection = session.connection
    table, role = find(session, statement.name), role_named(session, statement.role)
    with connection.transaction():
        if "SELECT" in statement.privileges:
            revoke_select(connection, table.schema, table.name, statement.role)
        privileges.revoke(connection, table.id, role, statement.privileges)
        taken = {"privileges": list(statement.privileges), "of": statement.role}
        audit.record(connection, "REVOKE", table.qualified, taken)
    return executed(status="REVOKE")


COMMAND = Command(Revoke, revoke)
