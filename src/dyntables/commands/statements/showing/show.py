"""SHOW DYNAMIC TABLES [HISTORY]."""

from __future__ import annotations

from dyntables.catalog.reports import listing
from dyntables.commands.command import Command
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import ShowDynamicTables
from dyntables.engines.postgres.rights.roles import act_as


def show(session: Session, statement: ShowDynamicTables) -> Result:
    """List the dynamic tables."""
    wanted = listing.Wanted(
        like=statement.like,
        schema=statement.in_schema,
        database=statement.in_database,
        starts=statement.starts_with,
        after=statement.limit_from,
        limit=statement.limit,
    )
    with session.connection.transaction():
        if session.role is not None:
            # The view shows a role what that may see; nothing but our own functions runs here.
            act_as(session.connection, session.role)
        columns, rows = listing.tables(session.connection, wanted, dropped=statement.history)
    return Result(columns, rows, "SHOW DYNAMIC TABLES")


COMMAND = Command(ShowDynamicTables, show)
