"""Definitions that are not stored: what they would be, and what a refresh of them would take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from dyntables.catalog import graph, store
from dyntables.catalog.model import DynamicTable as Row
from dyntables.commands.definition.draft import Draft, check
from dyntables.commands.definition.explained import missing_index_notices
from dyntables.commands.naming import target
from dyntables.commands.registry import require
from dyntables.commands.session import Session
from dyntables.commands.statements.showing.explain import explanation_of
from dyntables.compiler.explain.document import to_document
from dyntables.compiler.plan.environment import ViewText
from dyntables.compiler.statements import CreateDynamicTable, parse_statement, split_statements
from dyntables.engines.postgres.connection.errors import translate
from dyntables.errors import DyntablesError, InvalidQueryError, RequestError
from dyntables.server.errors import problem_of
from dyntables.server.read.definitions.estimates import estimate
from dyntables.server.read.definitions.plans import plan_of
from dyntables.server.schemas.drafts import (
    Clause,
    DraftChange,
    DraftDependency,
    DraftExplanation,
    Estimate,
    Validation,
)
from dyntables.server.schemas.plans import Plan, PlanNode
from dyntables.server.schemas.tables import TableColumn

_SECONDS = 5


def parse_create(text: str) -> CreateDynamicTable:
    """Return the one CREATE DYNAMIC TABLE statement of a text.

    Raises:
        RequestError: it is none, or several. StatementSyntaxError, InvalidOptionError: with the place.
    """
    pieces = split_statements(text)
    if len(pieces) != 1:
        found = "none" if not pieces else f"{len(pieces)} statements"
        raise RequestError(f"expected one CREATE DYNAMIC TABLE statement, found {found}")
    # Places are counted in the whole text, as the person sees it.
    statement = parse_statement(" " * pieces[0].start + pieces[0].text)
    if not isinstance(statement, CreateDynamicTable):
        raise RequestError("expected a CREATE DYNAMIC TABLE statement", hint="CREATE DYNAMIC TABLE name … AS SELECT …")
    return statement


def validate(session: Session, text: str) -> tuple[Validation, Plan | None, Draft | None]:
    """Check a statement without storing anything; what is wrong is part of the answer, also that it takes too long."""
    try:
        with _in_time(session):
            return _validated(session, text)
    except DyntablesError as error:
        return Validation(valid=False, problems=[problem_of(error)]), None, None
    except psycopg.Error as error:
        return Validation(valid=False, problems=[problem_of(translate(error))]), None, None


@contextmanager
def _in_time(session: Session) -> Iterator[None]:
    """Let no statement of the server's take longer than somebody waits for a verdict."""
    connection = session.connection
    row = connection.execute("SELECT current_setting('statement_timeout')").fetchone()
    assert row is not None
    connection.execute("SELECT set_config('statement_timeout', %s, false)", (f"{_SECONDS}s",))
    try:
        yield
    except (psycopg.errors.QueryCanceled, DyntablesError) as error:
        if isinstance(error, DyntablesError) and error.sqlstate != psycopg.errors.QueryCanceled.sqlstate:
            raise
        raise InvalidQueryError(
            f"PostgreSQL takes more than {_SECONDS} s to read this statement, so it was not checked",
            hint="Put parts of the query into dynamic tables of their own, or create the table by the command line.",
            sqlstate=error.sqlstate,
        ) from error
    finally:
        connection.execute("SELECT set_config('statement_timeout', %s, false)", row)


def _validated(session: Session, text: str) -> tuple[Validation, Plan, Draft]:
    statement = parse_create(text)
    require(session, statement)
    schema, name = target(session, statement)
    existing = store.find(session.connection, schema, name)
    draft = check(session, statement, schema, name, existing)
    plan = _plan(session, draft, f"{schema}.{name}")
    definition = draft.definition
    indexes = missing_index_notices(session.connection, draft.reading.compiled) if plan.tree is not None and (
        draft.reading.compiled is not None
    ) else []  # fmt: skip
    validation = Validation(
        valid=True,
        problems=[],
        name=f"{schema}.{name}",
        exists=existing is not None,
        mode=definition.effective_mode,
        requested_mode=definition.refresh_mode,
        reasons=plan.reasons,
        clauses=list(_clauses(plan)),
        columns=[TableColumn(name=n, type=t.name) for n, t in draft.reading.described.view.columns],
        dependencies=_dependencies(draft, plan),
        notices=[*draft.notices, *indexes],
        target_lag_seconds=draft.declared.target_lag_seconds,
    )
    return validation, plan, draft


def explain(session: Session, text: str, changed_rows: int) -> tuple[DraftExplanation, ViewText | None]:
    """Return all but the sample, and the query to take a sample of."""
    validation, plan, draft = validate(session, text)
    costs: Estimate | None = None
    change: DraftChange | None = None
    if draft is not None and plan is not None:
        costs = estimate(session, draft, plan, changed_rows)
        if draft.existing is not None:
            change = _change(session, draft, draft.existing)
    explanation = DraftExplanation(
        validation=validation, plan=plan, estimate=costs, sample=None, sample_problem=None, change=change
    )
    return explanation, draft.reading.described.view if draft is not None else None


def _plan(session: Session, draft: Draft, name: str) -> Plan:
    explanation = explanation_of(session.connection, name, draft.definition, draft.reading, verbose=False)
    return plan_of(to_document(explanation))


def _clauses(plan: Plan) -> Iterator[Clause]:
    """Yield a verdict for each operator, and for FULL the reasons with their places."""
    for reason in plan.reasons:
        place = reason.place
        yield Clause(
            label=place.text if place is not None else reason.reason,
            kind=reason.reason,
            operator_class="full",
            verdict="full",
            explanation=reason.detail + (f". {reason.hint}" if reason.hint else ""),
            line=place.line if place is not None else None,
            column=place.column if place is not None else None,
        )
    if plan.tree is not None:
        yield from _operators(plan.tree)


def _operators(root: PlanNode) -> Iterator[Clause]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield Clause(
            label=node.label,
            kind=node.kind,
            operator_class=node.operator_class,
            verdict="incremental",
            explanation=node.law,
        )
        waiting += reversed(node.children)


def _dependencies(draft: Draft, plan: Plan) -> list[DraftDependency]:
    nodes = {
        d.relation: f"t{d.upstream}" if d.upstream is not None else f"r{d.relation}" for d in draft.reading.dependencies
    }
    named = {s.oid: (s.schema, s.name) for s in draft.reading.compiled.sources} if draft.reading.compiled else {}
    by_name = {name: nodes[oid] for oid, name in named.items() if oid in nodes}
    rest = iter(n for o, n in sorted(nodes.items()) if o not in named)
    return [
        DraftDependency(
            node=by_name.get((s.schema_name, s.name)) or next(rest, ""),
            schema_name=s.schema_name,
            name=s.name,
            kind=s.kind,
            rows=s.rows,
            columns=s.columns,
        )
        for s in plan.sources
    ]


def _change(session: Session, draft: Draft, existing: Row) -> DraftChange:
    rows = session.connection.execute(
        "SELECT column_name, data_type FROM dyntables.dynamic_table_column WHERE dynamic_table_id = %s", (existing.id,)
    ).fetchall()
    before: dict[str, str] = dict(rows)
    after = {n: t.name for n, t in draft.reading.described.view.columns}
    tables = store.load_all(session.connection)
    same = draft.definition.canonical == existing.definition.canonical
    affected = (
        [] if same else [existing.id, *(c for c in graph.consumers(tables, existing.id) if tables[c].incremental)]
    )
    return DraftChange(
        table=existing.qualified,
        columns_added=[c for c in after if c not in before],
        columns_removed=[c for c in before if c not in after],
        columns_retyped=[c for c in after if c in before and before[c] != after[c]],
        mode_before=existing.definition.effective_mode,
        mode_after=draft.definition.effective_mode,
        reinitialized=[tables[i].qualified for i in affected],
    )
