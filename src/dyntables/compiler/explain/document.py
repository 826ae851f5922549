"""An explanation as a JSON document.

docs/explain.md states its structure; ``schema_version`` counts the changes of it that a reader would notice.
"""

from __future__ import annotations

from typing import Any

from dyntables.compiler.depth import deep
from dyntables.compiler.explain.explanation import Because, Explanation, Measured, MeasuredStage
from dyntables.compiler.explain.lookups import Lookup
from dyntables.compiler.explain.operator import LEGEND
from dyntables.compiler.explain.tree import Node, State

SCHEMA_VERSION = 1


def to_document(explanation: Explanation) -> dict[str, Any]:
    """Return the explanation as plain values."""
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "name": explanation.name,
        "mode": explanation.mode,
        "requested_mode": explanation.requested_mode,
        "reasons": [_reason(r) for r in explanation.reasons],
        "sources": [
            {"schema": s.schema, "name": s.name, "kind": s.kind, "columns": list(s.columns), "rows": s.rows}
            for s in explanation.sources
        ],
        "stages": [_state(s) for s in explanation.stages],
        "tree": _node(explanation.tree) if explanation.tree is not None else None,
        "missing_indexes": [_lookup(k) for k in explanation.missing],
        "classes": {str(c): LEGEND[c] for c in explanation.classes},
    }
    if explanation.frozen is not None:
        document["frozen_where"] = explanation.frozen
    if explanation.statements:
        document["statements"] = [
            {"stage": s.stage, "purpose": s.purpose, "label": s.label, "guard": s.guard, "sql": s.sql}
            for s in explanation.statements
        ]
    if explanation.measured is not None:
        document["analyze"] = _measured(explanation.measured)
    return document


def _reason(because: Because) -> dict[str, Any]:
    place = because.place
    return {
        "reason": because.reason,
        "detail": because.detail,
        "hint": because.hint,
        "place": {"line": place.line, "column": place.column, "text": place.text} if place is not None else None,
    }


@deep(6)
def _node(node: Node) -> dict[str, Any]:
    return {
        "id": node.number,
        "kind": node.kind,
        "operator": node.operator,
        "class": str(node.law.kind),
        "law": node.law.text,
        "label": node.label,
        "detail": list(node.detail),
        "columns": list(node.columns),
        "state": _state(node.state) if node.state is not None else None,
        "lookups": [_lookup(k) for k in node.lookups],
        "children": [_node(child) for child in node.children],
    }


def _state(state: State) -> dict[str, Any]:
    return {
        "stage": state.stage,
        "storage": state.storage,
        "keeps": state.keeps,
        "index": state.index,
        "rows": state.rows,
        "bytes": state.bytes,
    }


def _lookup(lookup: Lookup) -> dict[str, Any]:
    return {
        "table": lookup.table,
        "columns": list(lookup.columns),
        "index": lookup.index,
        "missing": lookup.missing,
        "when": lookup.when,
        "rows": lookup.rows,
        "statement": lookup.remedy,
    }


def _measured(measured: Measured) -> dict[str, Any]:
    return {
        "action": measured.action,
        "reason": measured.reason,
        "milliseconds": measured.milliseconds,
        "rows_inserted": measured.inserted,
        "rows_deleted": measured.deleted,
        "source_changes": dict(measured.changes),
        "stages": [_stage(s) for s in measured.stages],
    }


def _stage(stage: MeasuredStage) -> dict[str, Any]:
    return {
        "stage": stage.number,
        "rows": stage.rows,
        "milliseconds": round(stage.milliseconds, 2),
        "statements": [
            {"purpose": s.purpose, "label": s.label, "rows": s.rows, "milliseconds": s.milliseconds}
            for s in stage.statements
        ],
    }
