"""EXPLAIN DYNAMIC TABLE."""

from __future__ import annotations

import json
from dataclasses import replace

from dyntables.catalog import Connection, store
from dyntables.catalog.model import DynamicTable, Trigger
from dyntables.catalog.parts.definition import Definition
from dyntables.catalog.parts.dependency import DependencyKind
from dyntables.commands.command import Command
from dyntables.commands.definition.draft import check
from dyntables.commands.definition.explained import facts
from dyntables.commands.naming import find, target
from dyntables.commands.rights import Privilege
from dyntables.commands.session import Result, Session
from dyntables.compiler.explain.document import to_document
from dyntables.compiler.explain.explanation import (
    Because,
    Explanation,
    Measured,
    MeasuredStage,
    MeasuredStatement,
    SourceRead,
    explained,
    statements,
)
from dyntables.compiler.explain.place import locate
from dyntables.compiler.explain.text import render_text
from dyntables.compiler.statements import CreateDynamicTable, ExplainDynamicTable, ExplainFormat
from dyntables.engines.postgres.definition.by_name import names_of
from dyntables.engines.postgres.definition.facts import estimated_rows, storage_oids
from dyntables.refresh.sources.definitions import Reading
from dyntables.refresh.sources.plans import ReadingCache, read


def explain(session: Session, statement: ExplainDynamicTable) -> Result:
    """Show how a table is kept fresh; with ANALYZE, refresh it first and say what that took."""
    if isinstance(statement.target, CreateDynamicTable):
        explanation = _draft(session, statement.target, verbose=statement.verbose)
    else:
        table = find(session, statement.target)
        measured = _measure(session, table) if statement.analyze else None
        table = find(session, statement.target)
        explanation = replace(_saved(session, table, verbose=statement.verbose), measured=measured)
    if statement.format is ExplainFormat.JSON:
        document = json.dumps(to_document(explanation), ensure_ascii=False, indent=2)
        return Result(["plan"], [(document,)], "EXPLAIN")
    return Result(["plan"], [(line,) for line in render_text(explanation)], "EXPLAIN")


def _draft(session: Session, statement: CreateDynamicTable, *, verbose: bool) -> Explanation:
    schema, name = target(session, statement)
    draft = check(session, statement, schema, name, None)
    explanation = explanation_of(
        session.connection, f"{schema}.{name}", draft.definition, draft.reading, verbose=verbose
    )
    region = draft.definition.options.frozen
    return explanation if region is None else replace(explanation, frozen=region.where)


def _saved(session: Session, table: DynamicTable, *, verbose: bool) -> Explanation:
    readings = session.readings
    reading = (
        readings.read(session.connection, table)
        if readings is not None
        else read(session.connection, table, table.contents.generation)
    )
    found = explanation_of(
        session.connection, table.qualified, table.definition, reading, verbose=verbose, readings=readings
    )
    return found if table.region is None else replace(found, frozen=table.region.where)


def explanation_of(
    connection: Connection,
    name: str,
    definition: Definition,
    reading: Reading,
    *,
    verbose: bool,
    readings: ReadingCache | None = None,
) -> Explanation:
    """Return the explanation of a definition, stored or not."""
    reasons = tuple(_because(r, reading, definition.query) for r in definition.mode_reasons)
    compiled = reading.compiled if definition.incremental else None
    sources = _sources(connection, reading)
    base = Explanation(name, definition.effective_mode, definition.refresh_mode, reasons, sources)
    if compiled is None:
        return base
    tree, stages = explained(compiled, facts(connection, compiled, readings))
    shown = statements(compiled) if verbose else ()
    return replace(base, tree=tree, stages=stages, statements=shown)


def _because(stored: dict[str, str], reading: Reading, query: str) -> Because:
    """Return a stored reason with what the definition says of it today."""
    hint, fragment = stored.get("hint") or None, stored.get("fragment")
    if reading.reason is not None and reading.reason.reason == stored["reason"]:
        hint, fragment = reading.reason.hint, reading.reason.fragment
    elif stored["reason"] == "USER_SPECIFIED_FULL_REFRESH" and reading.compiled is not None:
        hint = "The query can be refreshed incrementally: CREATE OR REPLACE it without REFRESH_MODE = FULL."
    elif stored["reason"] == "USER_SPECIFIED_FULL_REFRESH" and reading.reason is not None:
        hint = f"It could not be refreshed otherwise: {reading.reason.detail}."
    return Because(stored["reason"], stored["detail"], hint, locate(query, fragment))


def _sources(connection: Connection, reading: Reading) -> tuple[SourceRead, ...]:
    """Return what is read, in the order of the plan, or else of the server."""
    wanted = {d.relation: d for d in reading.dependencies if d.kind is not DependencyKind.VIEW}
    order = [s.oid for s in reading.compiled.sources] if reading.compiled is not None else []
    upstream = store.load_all(connection, [d.upstream for d in wanted.values() if d.upstream is not None])
    storages = storage_oids(connection, {t.id: t.storage for t in upstream.values()})
    counted = {oid: storages.get(d.upstream or 0, oid) for oid, d in wanted.items()}
    rows = estimated_rows(connection, set(counted.values()))
    named = names_of(connection, wanted)
    return tuple(
        SourceRead(*named[oid], wanted[oid].kind, wanted[oid].columns, rows.get(counted[oid]))
        for oid in [*order, *(o for o in wanted if o not in order)]
        if oid in named
    )


def _measure(session: Session, table: DynamicTable) -> Measured:
    """Refresh a table for real, and return what that took."""
    results = session.refresher.refresh([table.id], Trigger.MANUAL)
    result = next(r for r in results if r.table_id == table.id)
    if result.error is not None:
        raise result.error
    by_stage: dict[int, list[MeasuredStatement]] = {}
    assert result.work is not None
    for record in result.work.statements:
        purpose, label = str(record.get("purpose", "")), str(record["label"])
        taken = MeasuredStatement(purpose, label, int(record["rows"]), float(record["ms"]))
        by_stage.setdefault(int(record.get("stage", 0)), []).append(taken)
    return Measured(
        str(result.action),
        str(result.reason),
        round(result.duration_ms, 2),
        result.rows_inserted,
        result.rows_deleted,
        dict(result.work.changes),
        tuple(MeasuredStage(number, tuple(taken)) for number, taken in sorted(by_stage.items())),
    )


COMMAND = Command(ExplainDynamicTable, explain, needs=Privilege.MONITOR)
