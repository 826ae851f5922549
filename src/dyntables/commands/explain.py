"""EXPLAIN DYNAMIC TABLE and EXPLAIN CHANGES."""

from __future__ import annotations

import psycopg

from dyntables.catalog import graph, store
from dyntables.catalog.model import DynamicTable
from dyntables.commands.alter import find
from dyntables.commands.create import check
from dyntables.commands.session import Result, Session
from dyntables.compiler.plan.nodes import SourceKind
from dyntables.compiler.program import Compiled, builds, refresh_program
from dyntables.compiler.stages import AggregateStage, PartitionStage, Stage
from dyntables.compiler.statements import (
    CreateDynamicTable,
    ExplainChanges,
    ExplainDynamicTable,
    QualifiedName,
    Refresh,
)
from dyntables.engines.postgres.capture import log_table, owed_condition
from dyntables.errors import InvalidOptionError
from dyntables.refresh.plans import read


def explain(session: Session, statement: ExplainDynamicTable) -> Result:
    """Show how a table is kept fresh: its stages, and with VERBOSE the statements of a refresh."""
    if isinstance(statement.target, CreateDynamicTable):
        parts = statement.target.name.parts
        schema = parts[-2] if len(parts) > 1 else "public"
        draft = check(session, statement.target, schema, parts[-1], None)
        compiled = draft.reading.compiled if draft.values["effective_mode"] == "INCREMENTAL" else None
        reasons = [str(r["detail"]) for r in draft.values["mode_reasons"]]
    else:
        table = find(session, statement.target)
        compiled = read(session.connection, table, table.generation).compiled if table.incremental else None
        reasons = [str(r["detail"]) for r in table.mode_reasons]
    if compiled is None:
        return Result(["plan"], [("refresh mode FULL",), *((f"  because {r}",) for r in reasons)], "EXPLAIN")
    return Result(["plan"], [(line,) for line in _lines(compiled, verbose=statement.verbose)], "EXPLAIN")


def explain_changes(session: Session, statement: ExplainChanges) -> Result:
    """Predict the action of the next refresh of a table and of everything that it reads."""
    target = statement.statement
    if isinstance(target, Refresh):
        names: tuple[QualifiedName, ...] = target.names
    elif isinstance(target, QualifiedName):
        names = (target,)
    else:
        raise InvalidOptionError("EXPLAIN CHANGES takes a dynamic table or ALTER DYNAMIC TABLE … REFRESH")
    connection = session.connection
    targets = [find(session, name).id for name in names]
    tables = store.load_all(connection)
    rows = []
    active: set[int] = set()
    for table_id in graph.topological(tables, graph.ancestors(tables, targets)):
        table = tables[table_id]
        changes = _pending(connection, table)
        through = [tables[u].qualified for u in graph.upstream(tables, table_id) if u in active]
        if not table.incremental:
            action, reason = "FULL", "refresh mode FULL"
        elif table.data_timestamp is None or table.reinitialize_reason:
            action, reason = "REINITIALIZE", table.reinitialize_reason or "INITIAL"
        elif changes or through:
            action = "INCREMENTAL"
            reason = ", ".join([*(f"{n} changed rows in {s}" for s, n in changes.items()), *through])
        else:
            action, reason = "NO_DATA", "no changes"
        if action != "NO_DATA":
            active.add(table_id)
        rows.append((table.qualified, action, reason))
    return Result(["name", "effective_refresh_action", "reason"], rows, "EXPLAIN CHANGES")


def _pending(connection: psycopg.Connection, table: DynamicTable) -> dict[str, int]:
    if table.frontier is None or not table.incremental:
        return {}
    found = {}
    for dependency in table.dependencies:
        if dependency.kind != "TABLE":
            continue
        row = connection.execute(
            f"SELECT count(*), %s::oid::regclass::text FROM {log_table(dependency.relation)} WHERE {owed_condition()}",
            (dependency.relation, table.frontier, table.frontier),
        ).fetchone()
        if row and row[0]:
            found[row[1]] = row[0]
    return found


def _lines(compiled: Compiled, *, verbose: bool) -> list[str]:
    lines = ["refresh mode INCREMENTAL"]
    for source, columns in compiled.sources.items():
        kind = "dynamic table" if source.kind is SourceKind.DYNAMIC_TABLE else "table"
        lines.append(f"  reads {kind} {source.schema}.{source.name} ({', '.join(c.id for c in columns)})")
    for number, (stage, build) in enumerate(zip(compiled.stages, builds(compiled), strict=True), start=1):
        lines.append(f"  stage {number} → {stage.storage}: {_describe(stage)}")
        if verbose:
            lines.append(f"    initial: {build.select}")
    if verbose:
        changed = {s.oid: f"delta_of_{s.name}" for s in compiled.sources}
        for statement in refresh_program(compiled, changed, "dt", logged=True).statements:
            lines.append(f"  {statement.purpose}: {statement.label}")
            lines.append(f"    {statement.sql}")
    return lines


def _describe(stage: Stage) -> str:
    if isinstance(stage, AggregateStage):
        keys = ", ".join(c.id for c in stage.key.columns) or "one group"
        calls = ", ".join(f"{c.column.id} {c.merge}" for c in stage.node.calls) or "distinct rows"
        return f"groups by {keys}; {calls}; index on {stage.key.index_columns() or 'nothing'}"
    if isinstance(stage, PartitionStage):
        keys = ", ".join(c.id for c in stage.key.columns) or "all rows"
        return f"window functions, touched partitions computed again; partitioned by {keys}"
    return "rows applied by count; index on the hash of the row"
