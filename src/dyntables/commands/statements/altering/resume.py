"""ALTER DYNAMIC TABLE … RESUME."""

from __future__ import annotations

from dyntables.catalog import graph, store
from dyntables.catalog.parts.schedule import SuspendReason
from dyntables.catalog.past import audit
from dyntables.catalog.state import states
from dyntables.commands.command import Command
from dyntables.commands.naming import find
from dyntables.commands.rights import Privilege
from dyntables.commands.session import Result, Session, executed
from dyntables.compiler.statements import Resume


def resume(session: Session, statement: Resume) -> Result:
    """Resume a table, and those above it that were suspended because of it."""
    connection = session.connection
    table = find(session, statement.name)
    tables = store.load_all(connection)
    with connection.transaction():
        states.resume(connection, [table.id])
        for reader in graph.descendants(tables, table.id):
            if tables[reader].schedule.suspend_reason is SuspendReason.UPSTREAM_USER:
                states.resume(connection, [reader])
        states.forget_failures(connection, table.id)
        audit.record(connection, "RESUME", table.qualified)
    return executed()


COMMAND = Command(Resume, resume, needs=Privilege.OPERATE)
