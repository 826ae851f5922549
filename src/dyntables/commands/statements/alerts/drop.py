"""DROP ALERT."""

from __future__ import annotations

from dyntables.catalog.alerts.rules import delete_rule
from dyntables.catalog.past import audit
from dyntables.commands.command import Command
from dyntables.commands.session import Result, Session, executed
from dyntables.commands.statements.alerts.owned import owned, require_nothing
from dyntables.compiler.statements import DropAlert

_STATUS = "DROP ALERT"


def drop_alert(session: Session, statement: DropAlert) -> Result:
    """Remove the rule, and resolve its alerts."""
    with session.connection.transaction():
        if owned(session, statement.name, if_exists=statement.if_exists) is None:
            return executed(f'alert "{statement.name}" does not exist, skipping', status=_STATUS)
        delete_rule(session.connection, statement.name)
        audit.record(session.connection, "DROP ALERT", statement.name)
    return executed(status=_STATUS)


COMMAND = Command(DropAlert, drop_alert, needs=require_nothing, skips_missing=False)
