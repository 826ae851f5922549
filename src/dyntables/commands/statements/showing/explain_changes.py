"""EXPLAIN CHANGES: what the next refresh of a table, and of everything that reads it, would do."""

from __future__ import annotations

import json
from typing import Any

from dyntables.catalog import graph, store
from dyntables.catalog.model import Action, DynamicTable, RefreshReason
from dyntables.commands.command import Command
from dyntables.commands.naming import find
from dyntables.commands.rights import Privilege
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import ExplainChanges, ExplainFormat, QualifiedName
from dyntables.engines.postgres.connection.session import at_one_snapshot
from dyntables.refresh.choice.predict import Prediction, Reads, predict

COLUMNS = ["name", "role", "effective_refresh_action", "reason", "reads", "estimated_rows"]

_REASONS = {
    RefreshReason.FULL_MODE: "its refresh mode is FULL",
    RefreshReason.CHEAPER_IN_FULL: "sources changed so much that a full refresh is cheaper",
    RefreshReason.INITIAL: "it has not been filled yet",
    RefreshReason.VIEW_MISSING: "its view was dropped by hand",
    RefreshReason.OTHER_SERVER: "it was filled on another server or database",
    RefreshReason.SOURCE_ALTERED: "a source was altered",
    RefreshReason.FUNCTION_CHANGED: "a function that it calls was replaced",
    RefreshReason.SOURCE_TRUNCATED: "a source was truncated",
    RefreshReason.ROWS_MOVED: "a MERGE moved rows of a source between partitions",
    RefreshReason.CAPTURE_MISSING: "the change capture of a source is missing",
    RefreshReason.LOG_LIMIT: "it was not refreshed for so long that its changes were given up",
    RefreshReason.DEFINITION_CHANGED: "its definition or its storage's layout changed",
    RefreshReason.DEFINITION_ALTERED: "CREATE OR ALTER changed what it is computed from",
    RefreshReason.UNDROPPED: "it had been dropped, and UNDROP brought it back",
    RefreshReason.CLONED: "its contents are copies of those of another table",
    RefreshReason.FROZEN_REGION_CHANGED: "its frozen region changed",
    RefreshReason.QUARANTINE_CHANGED: "the rules that keep rows back changed",
    RefreshReason.NO_CHANGES: "nothing changed",
    RefreshReason.CHANGES: "sources changed",
}


def explain_changes(session: Session, statement: ExplainChanges) -> Result:
    """Predict the next action of a table, of what it reads and of what reads it; change nothing."""
    target = statement.statement
    names: tuple[QualifiedName, ...] = (target,) if isinstance(target, QualifiedName) else target.names
    targets = [find(session, name).id for name in names]
    tables = store.load_all(session.connection)
    with at_one_snapshot(session.connection):
        shown = _shown(tables, targets)
        predictions = predict(session.connection, session.refresher.engine, tables, shown, session.refresher.plans)
    rows = [(p, shown[i]) for i, p in predictions.items() if i in shown]
    if statement.format is ExplainFormat.JSON:
        document = json.dumps([_document(p, role) for p, role in rows], ensure_ascii=False, indent=2)
        return Result(["changes"], [(document,)], "EXPLAIN CHANGES")
    return Result(COLUMNS, [_row(p, role) for p, role in rows], "EXPLAIN CHANGES")


def _shown(tables: dict[int, DynamicTable], targets: list[int]) -> dict[int, str]:
    """Return the tables to show and what they are to the targets."""
    shown = dict.fromkeys(graph.ancestors(tables, targets), "UPSTREAM")
    for target in targets:
        shown |= dict.fromkeys(graph.descendants(tables, target), "DOWNSTREAM")
    return shown | dict.fromkeys(targets, "TARGET")


def _row(prediction: Prediction, role: str) -> tuple[Any, ...]:
    reads = "; ".join(_read(r, prediction) for r in prediction.reads)
    return (
        prediction.table.qualified, role, str(prediction.action), _reason(prediction), reads or "nothing",
        prediction.rows,
    )  # fmt: skip


def _reason(prediction: Prediction) -> str:
    text = _REASONS.get(prediction.reason, str(prediction.reason))
    if prediction.reason is RefreshReason.CHEAPER_IN_FULL and prediction.choice is not None:
        text = f"{text}: {prediction.choice.why}"
    suspended = prediction.table.schedule.suspended
    return f"{text}; it is suspended, so only a manual refresh does it" if suspended else text


def _read(reads: Reads, prediction: Prediction) -> str:
    chosen = prediction.reason is RefreshReason.CHEAPER_IN_FULL
    what = "changed rows" if prediction.action is Action.INCREMENTAL or chosen else "rows"
    if reads.rows is None:
        return f"an unknown number of {what} of {reads.name}"
    return f"{'' if reads.exact else 'about '}{reads.rows:,} {what} of {reads.name}"


def _document(prediction: Prediction, role: str) -> dict[str, Any]:
    return {
        "name": prediction.table.qualified,
        "role": role,
        "action": str(prediction.action),
        "reason": str(prediction.reason),
        "reason_text": _reason(prediction),
        "reads": [{"name": r.name, "rows": r.rows, "exact": r.exact} for r in prediction.reads],
        "estimated_rows": prediction.rows,
        "estimated_ms": _estimated(prediction),
    }


def _estimated(prediction: Prediction) -> dict[str, float | None] | None:
    """Return what both ways are expected to take, where there is a choice."""
    choice = prediction.choice
    if choice is None:
        return None
    both = {"incremental": choice.incremental, "full": choice.full}
    return {way: None if seconds is None else round(seconds * 1000, 1) for way, seconds in both.items()}


COMMAND = Command(ExplainChanges, explain_changes, needs=Privilege.MONITOR)
