"""EXPLAIN CREATE OR ALTER: what would change, what is kept and what is computed anew; nothing is applied or locked."""

from __future__ import annotations

import json
from typing import Any

from dyntables.catalog import Connection, graph, store
from dyntables.catalog.model import DynamicTable
from dyntables.commands.command import Command
from dyntables.commands.definition.changes import Change, Effect
from dyntables.commands.definition.draft import check
from dyntables.commands.naming import target
from dyntables.commands.rights import Privilege
from dyntables.commands.session import Result, Session
from dyntables.commands.statements.making.or_alter import Alteration, planned
from dyntables.commands.tables_above import obstacle
from dyntables.compiler.statements import ExplainCreateOrAlter, ExplainFormat
from dyntables.engines.postgres.storage.views import readers_of_view

COLUMNS = ["name", "role", "change", "before", "after", "effect", "why"]


def explain(session: Session, statement: ExplainCreateOrAlter) -> Result:
    """Show a row for each change, and for each table and view above."""
    schema, name = target(session, statement.statement.target)
    table = store.find(session.connection, schema, name)
    if table is None:
        draft = check(session, statement.statement.target, schema, name, None)
        why = f"there is no such table; refresh mode {draft.definition.effective_mode}"
        rows: list[tuple[Any, ...]] = [(f"{schema}.{name}", "TARGET", "created", None, None, "CREATED", why)]
    else:
        rows = _rows(session.connection, planned(session, statement.statement.target))
    if statement.format is ExplainFormat.JSON:
        document = json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], ensure_ascii=False, indent=2)
        return Result(["changes"], [(document,)], "EXPLAIN")
    return Result(COLUMNS, rows, "EXPLAIN")


def _rows(connection: Connection, alteration: Alteration) -> list[tuple[Any, ...]]:
    name = alteration.table.qualified
    rows = [_row(name, "TARGET", change) for change in alteration.changes]
    if not rows:
        rows = [(name, "TARGET", "nothing", None, None, str(Effect.KEPT), "it is as the statement says")]
    tables = store.load_all(connection)
    for reader in graph.consumers(tables, alteration.table.id):
        rows.append(_row(tables[reader].qualified, "DOWNSTREAM", _above(connection, alteration, tables[reader])))
    if alteration.columns.dropped and alteration.table.view_oid is not None:
        for view in readers_of_view(connection, alteration.table.view_oid):
            why = "a view that loses a column is made again, and this one depends on it"
            rows.append((view, "VIEW ABOVE", "none", None, None, str(Effect.REFUSED), why))
    return rows


def _row(name: str, role: str, change: Change) -> tuple[Any, ...]:
    return (name, role, change.what, change.before, change.after, str(change.effect), change.why)


def _above(connection: Connection, alteration: Alteration, reader: DynamicTable) -> Change:
    """Return what happens to a table above."""
    found = obstacle(connection, alteration.table, alteration.columns, reader)
    if found is not None and alteration.columns.renamed:
        return Change("definition", None, None, Effect.REINITIALIZED, "it follows the new name of the column")
    if found is not None:
        return Change("none", None, None, Effect.REFUSED, f"it could not be read any more: {found}")
    if not alteration.anew:
        return Change("none", None, None, Effect.KEPT, "it reads the same rows")
    if not reader.incremental:
        return Change("contents", None, None, Effect.KEPT, "it is refreshed in full, as always")
    return Change("contents", None, None, Effect.KEPT, "it gets the difference between the old and the new contents")


COMMAND = Command(ExplainCreateOrAlter, explain, needs=Privilege.MONITOR)
