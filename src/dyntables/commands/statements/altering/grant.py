"""GRANT … ON DYNAMIC TABLE."""

from __future__ import annotations

from dyntables.catalog import privileges
from dyntables.catalog.past import audit
from dyntables.commands.command import Command
from dyntables.commands.naming import find, role_named
from dyntables.commands.session import Result, Session, executed
from dyntables.compiler.statements import Grant
from dyntables.engines.postgres.rights.roles import grant_select


def grant(session: Session, statement: Grant) -> Result:
    """Give a role OPERATE or MONITOR, which are ours, or SELECT, which is the server's."""
    connection = session.connection
    table, role = find(session, statement.name), role_named(session, statement.role)
    with connection.transaction():
        for privilege in statement.privileges:
            if privilege == "SELECT":
                grant_select(connection, table.schema, table.name, statement.role)
            else:
                privileges.grant(connection, table.id, role, privilege, session.actor)
        given = {"privileges": list(statement.privileges), "to": statement.role}
        audit.record(connection, "GRANT", table.qualified, given)
    return executed(status="GRANT")


COMMAND = Command(Grant, grant)
