"""ON VIOLATION QUARANTINE at work: rows that break a rule are stored with the others, and not shown by the table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from dyntables.catalog import Connection
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.quality import quarantine
from dyntables.catalog.quality.rule import Rule
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.quality.quarantine import Split, beside, page
from dyntables.compiler.statements import OnViolation
from dyntables.engines.port import Rows, Workspace
from dyntables.errors import RefreshError, without_values
from dyntables.refresh.quality.measuring import GONE, Outcome

_AT_ONCE, _TRIES = 20_000, 40


def keeps_back(rules: Sequence[Rule]) -> dict[str, str]:
    """Return the conditions of the rows that wait, by the names of the rules that keep them."""
    return {
        rule.name: rule.meaning.question.fails
        for rule in rules
        if rule.enabled and rule.terms.on_violation is OnViolation.QUARANTINE and rule.meaning.predicate is not None
    }


def present_split(table: DynamicTable) -> Split | None:
    """Return how the present contents of a table are split, None if it shows all rows."""
    state = table.contents.quarantine
    return Split(table.id, tuple(state["columns"]), state["fails"]) if state else None


def new_split(
    table: DynamicTable, columns: Sequence[str], rules: Sequence[Rule], found: Mapping[int, Outcome]
) -> Split | None:
    """Return how new rows are to be split, by what was found of them.

    Raises:
        RefreshError: for some row it is not known whether it breaks a rule.
    """
    gone = set()
    for rule in rules:
        error = found[rule.id].error if rule.id in found else None
        if error is not None and rule.terms.on_violation is OnViolation.QUARANTINE:
            if error.sqlstate not in GONE:
                raise RefreshError(
                    f'the rule "{rule.name}", which keeps rows back, cannot be checked: {without_values(error)[0]}',
                    hint="It keeps its previous contents. Correct the rows, or the rule, or SUSPEND it.",
                )
            gone.add(rule.id)
    fails = keeps_back([rule for rule in rules if rule.id not in gone])
    return Split(table.id, tuple(columns), fails) if fails else None


def all_rows(table: DynamicTable) -> Rows:
    """Return all rows of a table, those that wait among them."""
    kept = table.contents.quarantine.get("kept")
    return f"({kept})" if kept is not None else quote_qualified(table.schema, table.name)


def split_anew(
    workspace: Workspace, connection: Connection, table: DynamicTable, split: Split | None, kept: str
) -> None:
    """Remember how the contents of a table are split, and show the rows that wait; ``kept``: the query of all rows."""
    before = table.contents.quarantine
    if split is not None:
        state = {"columns": split.columns, "fails": dict(split.fails), "kept": kept, "view": before.get("view")}
        put_beside(workspace, connection, table.with_quarantine(state))
    elif before:
        workspace.storage.show_beside(table.schema, beside(table.name), None, table.beside, tries=_TRIES)
        quarantine.record(connection, table.id, {})


def put_beside(workspace: Workspace, connection: Connection, table: DynamicTable) -> None:
    """Let the view beside a table show the rows that wait, if some may."""
    split, name = present_split(table), beside(table.name)
    if split is not None:
        query = split.waiting(all_rows(table))
        view = workspace.storage.show_beside(table.schema, name, query, table.beside, tries=_TRIES)
        quarantine.record(connection, table.id, {**table.contents.quarantine, "view": view})


def recount(
    workspace: Workspace, connection: Connection, table: DynamicTable, split: Split | None, rows: Rows, seen: datetime
) -> None:
    """Record the rows that break a rule, of all rows; those that did before are as old as they were."""
    images = list[str]()
    if split is not None:
        for found in pages(workspace, f"({split.broken(rows, weighted=False)})"):
            quarantine.put(connection, table.id, found, seen)
            images += [row["image"] for row in json.loads(found)]
    if split is not None or table.contents.quarantine:
        quarantine.keep_only(connection, table.id, images)


def follow_rows(workspace: Workspace, connection: Connection, split: Split, delta: Rows, seen: datetime) -> None:
    """Record the rows that break a rule, by what has changed."""
    for found in pages(workspace, f"({split.broken(delta, weighted=True)})"):
        quarantine.change(connection, split.table_id, found, seen)


def pages(workspace: Workspace, source: str) -> list[str]:
    """Return all rows of a query as JSON, in pieces."""
    pieces, after = list[str](), ""
    while True:
        piece = str(workspace.row(page(source, after, _AT_ONCE))[0])
        rows = json.loads(piece)
        if rows:
            pieces.append(piece)
        if len(rows) < _AT_ONCE:
            return pieces
        after = rows[-1]["image"]
