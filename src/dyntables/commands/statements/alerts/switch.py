"""ALTER ALERT … SUSPEND and RESUME."""

from __future__ import annotations

from dataclasses import replace

from dyntables.catalog.alerts.rules import put_rule
from dyntables.catalog.past import audit
from dyntables.commands.command import Command
from dyntables.commands.session import Result, Session, executed
from dyntables.commands.statements.alerts.owned import owned, require_nothing
from dyntables.compiler.statements import SwitchAlert

_STATUS = "ALTER ALERT"


def switch_alert(session: Session, statement: SwitchAlert) -> Result:
    """Turn the rule on or off; off, its alerts are resolved."""
    with session.connection.transaction():
        kept = owned(session, statement.name, if_exists=statement.if_exists)
        if kept is None:
            return executed(f'alert "{statement.name}" does not exist, skipping', status=_STATUS)
        put_rule(session.connection, replace(kept, enabled=statement.enabled))
        audit.record(session.connection, "RESUME ALERT" if statement.enabled else "SUSPEND ALERT", statement.name)
    return executed(status=_STATUS)


COMMAND = Command(SwitchAlert, switch_alert, needs=require_nothing, skips_missing=False)
