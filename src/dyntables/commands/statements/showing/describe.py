"""DESCRIBE DYNAMIC TABLE."""

from __future__ import annotations

from dyntables.catalog.definitions import columns
from dyntables.commands.command import Command
from dyntables.commands.naming import find
from dyntables.commands.rights import Privilege
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import DescribeDynamicTable


def describe(session: Session, statement: DescribeDynamicTable) -> Result:
    """List the columns of a dynamic table."""
    table = find(session, statement.name)
    rows = [(c.name, c.type, c.comment) for c in columns.load(session.connection, table.id)]
    dialect = table.definition.options.dialect
    notices = [f"the definition is in the dialect {dialect}"] if dialect else []
    return Result(["name", "type", "comment"], rows, "DESCRIBE DYNAMIC TABLE", notices)


COMMAND = Command(DescribeDynamicTable, describe, needs=Privilege.MONITOR)
