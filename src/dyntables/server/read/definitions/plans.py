"""Plans of stored tables and of drafts, from EXPLAIN's JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from dyntables.commands.execute import execute_one
from dyntables.commands.session import Session
from dyntables.compiler.depth import deep
from dyntables.compiler.names import quote_qualified
from dyntables.server.read.refreshes.history import measured
from dyntables.server.schemas.plans import Plan, PlanNode
from dyntables.server.schemas.tables import PredictedRefresh

# So long whoever looks waits for whoever has locked a table that is read anew.
_PATIENCE = "400ms"


def table_plan(session: Session, schema: str, name: str, table_id: int, *, verbose: bool) -> Plan:
    """Return how a stored table is kept fresh, with what its last refresh that did work took."""
    with _impatient(session.connection):
        plan = _explain(session, quote_qualified(schema, name), verbose=verbose)
    return plan.model_copy(update={"measured": measured(session.connection, table_id)})


def predicted(session: Session, schema: str, name: str) -> list[PredictedRefresh]:
    """Return what the next refresh of a table, and of what reads it, would do."""
    statement = f"EXPLAIN CHANGES USING JSON {quote_qualified(schema, name)}"
    with _impatient(session.connection):
        document = execute_one(session, statement).rows[0][0]
    return [PredictedRefresh.model_validate(entry) for entry in json.loads(document)]


def plan_of(document: dict[str, Any]) -> Plan:
    """Return EXPLAIN's document as the API shows it."""
    sources = [{**s, "schema_name": s["schema"]} for s in document["sources"]]
    tree = _node(document["tree"]) if document["tree"] is not None else None
    return Plan.model_validate({**document, "sources": sources, "tree": tree})


def _explain(session: Session, name: str, *, verbose: bool) -> Plan:
    options = f"FORMAT JSON, VERBOSE {'TRUE' if verbose else 'FALSE'}"
    return plan_of(json.loads(execute_one(session, f"EXPLAIN ({options}) DYNAMIC TABLE {name}").rows[0][0]))


@contextmanager
def _impatient(connection: psycopg.Connection) -> Iterator[None]:
    row = connection.execute(
        "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, false)", (_PATIENCE,)
    ).fetchone()
    assert row is not None
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT set_config('lock_timeout', %s, false)", (row[0],))


@deep(4)
def _node(node: dict[str, Any]) -> PlanNode:
    children = [_node(child) for child in node["children"]]
    return PlanNode.model_validate({**node, "operator_class": node["class"], "children": children})
