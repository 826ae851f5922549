"""CREATE ALERT: a rule of the kind custom_sql, whose query has the rights of whoever makes it."""

from __future__ import annotations

from dyntables.alerts.declaring import read_rule
from dyntables.catalog.alerts.channels import all_channels
from dyntables.catalog.alerts.rules import Kept, find_rule, put_rule
from dyntables.catalog.past import audit
from dyntables.commands.command import Command
from dyntables.commands.session import Result, Session, executed
from dyntables.commands.statements.alerts.owned import may_change, require_nothing
from dyntables.compiler.statements import CreateAlert
from dyntables.errors import CatalogError

_STATUS = "CREATE ALERT"


def create_alert(session: Session, statement: CreateAlert) -> Result:
    """Make the rule, or replace it."""
    connection = session.connection
    known = {channel.name for channel in all_channels(connection)}
    for channel in statement.channels:
        if channel not in known:
            raise CatalogError(f'there is no channel "{channel}"', hint=f"There are: {', '.join(sorted(known))}.")
    declared = read_rule(
        {
            "name": statement.name,
            "kind": "custom_sql",
            "query": statement.query,
            "channels": list(statement.channels),
        },
        f'the alert "{statement.name}"',
    )
    with connection.transaction():
        before = find_rule(connection, statement.name)
        if before is not None:
            if statement.if_not_exists:
                return executed(f'alert "{statement.name}" already exists, skipping', status=_STATUS)
            if not statement.or_replace:
                raise CatalogError(f'alert "{statement.name}" already exists', hint="CREATE OR REPLACE ALERT")
            may_change(session, before)
        put_rule(connection, Kept(declared.rule, session.actor, True, "sql"))
        audit.record(connection, "CREATE ALERT", statement.name)
    return executed(status=_STATUS)


COMMAND = Command(CreateAlert, create_alert, needs=require_nothing, skips_missing=False)
