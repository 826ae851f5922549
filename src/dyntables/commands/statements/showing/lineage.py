"""SHOW COLUMN LINEAGE OF a dynamic table."""

from __future__ import annotations

from dyntables.commands.command import Command
from dyntables.commands.naming import find
from dyntables.commands.rights import Privilege
from dyntables.commands.session import Result, Session
from dyntables.compiler.lineage import lineage
from dyntables.compiler.statements import ShowColumnLineage
from dyntables.refresh.sources.plans import read

COLUMNS = ["column_name", "source_schema", "source_table", "source_column", "kind", "expression"]


def show_lineage(session: Session, statement: ShowColumnLineage) -> Result:
    """List where each column comes from, and last what decides which rows there are."""
    table = find(session, statement.name)
    reading = read(session.connection, table, table.contents.generation)
    if reading.compiled is None:
        assert reading.reason is not None
        notice = f"the lineage is not known: the definition cannot be planned, as {reading.reason.detail}"
        return Result(COLUMNS, [], "SHOW COLUMN LINEAGE", [notice])
    rows = [
        (e.output, e.source.schema if e.source else None, e.source.name if e.source else None, e.field, str(e.how),
         e.expression)
        for e in lineage(reading.compiled)
    ]  # fmt: skip
    return Result(COLUMNS, rows, "SHOW COLUMN LINEAGE")


COMMAND = Command(ShowColumnLineage, show_lineage, needs=Privilege.MONITOR)
