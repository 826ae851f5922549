"""ALTER DYNAMIC TABLE … SUSPEND."""

from __future__ import annotations

from dyntables.catalog import graph, store
from dyntables.catalog.parts.schedule import SuspendReason
from dyntables.catalog.past import audit
from dyntables.catalog.state import states
from dyntables.commands.command import Command
from dyntables.commands.naming import find
from dyntables.commands.rights import Privilege
from dyntables.commands.session import Result, Session, executed
from dyntables.compiler.statements import Suspend
from dyntables.engines.postgres.capture.rotation import log_limit


def suspend(session: Session, statement: Suspend) -> Result:
    """Suspend a table and everything that reads it."""
    connection = session.connection
    table = find(session, statement.name)
    tables = store.load_all(connection)
    with connection.transaction():
        states.suspend(connection, [table.id], SuspendReason.USER)
        for reader in graph.descendants(tables, table.id):
            if not tables[reader].schedule.suspended:
                states.suspend(connection, [reader], SuspendReason.UPSTREAM_USER)
        audit.record(connection, "SUSPEND", table.qualified)
    if not table.incremental:
        return executed()
    return executed(
        f'change logs keep what "{table.qualified}" has not consumed, up to the setting log_limit '
        f"({log_limit(connection)}); beyond that it is computed anew when it is refreshed again"
    )


COMMAND = Command(Suspend, suspend, needs=Privilege.OPERATE)
