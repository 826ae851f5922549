"""Rules of quality: kinds, rules, previews, checks, results, scores, rows that fail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from dyntables import clock
from dyntables.commands.execute import execute_one
from dyntables.commands.quality.violations import violating_rows
from dyntables.health.quality import RuleState
from dyntables.server.actions import quality as actions
from dyntables.server.actions.statements import finish, run_statement
from dyntables.server.deps import CommandSession, Connection, Editor, Operator, Shared, Viewer
from dyntables.server.read.quality import results, rules, scores
from dyntables.server.read.quality.rules import RuleFilter
from dyntables.server.routes.parameters import (
    Cursor,
    Instant,
    Limit,
    SchemaName,
    SomeName,
    TableName,
    Wait,
    Window,
    aware,
)
from dyntables.server.schemas.base import Page
from dyntables.server.schemas.operations import Operation, OperationKind
from dyntables.server.schemas.quality import (
    AlterRule,
    QualityKind,
    QualityRule,
    ResultOfRule,
    RuleComparison,
    RuleDraft,
    RulePreview,
    RuleSuggestion,
    SaveRule,
    TableScored,
    TableScores,
    Violations,
)

router = APIRouter(prefix="/quality", tags=["quality"])
RuleName = Annotated[str, Path(description="The rule's name.", max_length=63, pattern=r"^[^\x00]+$")]
States = Annotated[list[RuleState] | None, Query(description="Only rules of which the newest check came to these.")]


def wanted(
    q: Annotated[str | None, Query(max_length=200, description="Part of table, name or definition.")] = None,
    schema_name: SomeName = None,
    table_name: SomeName = None,
    state: States = None,
    rule: SomeName = None,
) -> RuleFilter:
    """Return which rules a request asks for."""
    return RuleFilter(q, schema_name, table_name, state, rule)


Wanted = Annotated[RuleFilter, Depends(wanted)]


@router.get("/kinds", summary="List the kinds of rules")
def list_quality_kinds(user: Viewer) -> list[QualityKind]:
    """Return them with their arguments, so that a form can ask for these."""
    return rules.kinds()


@router.get("/rules", summary="List rules")
def list_quality_rules(
    user: Viewer, connection: Connection, which: Wanted, limit: Limit = 100, cursor: Cursor = None
) -> Page[QualityRule]:
    """Return rules by table and name, each with what the newest check found."""
    return rules.listed(connection, user.database_role, which, limit, cursor)


@router.post("/rules", status_code=201, summary="Create or replace a rule")
def save_quality_rule(user: Editor, session: CommandSession, body: SaveRule) -> QualityRule:
    """Let the server read a rule, and store it."""
    execute_one(session, actions.statement_of(body, or_replace=body.or_replace))
    return rules.one(session.connection, user.database_role, body.schema_name, body.table_name, body.name)


@router.post("/rules/preview", summary="Try a rule on the present rows")
def preview_quality_rule(
    user: Editor,
    session: CommandSession,
    body: RuleDraft,
    look: Annotated[bool, Query(description="Look at the rows; without it, the rule is only read.")] = True,
) -> RulePreview:
    """Return its statement, how many rows would fail now, some of them, and the time that took; nothing is stored."""
    return actions.preview(session, body, look=look)


@router.get("/results", summary="List what checks found")
def list_quality_results(
    user: Viewer,
    connection: Connection,
    which: Wanted,
    begin: Instant = None,
    end: Instant = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ResultOfRule]:
    """Return results, the newest first."""
    return results.history(connection, user.database_role, which, (aware(begin), aware(end)), limit, cursor)


@router.get("/tables", summary="List the scores of tables")
def list_quality_scores(user: Viewer, connection: Connection) -> list[TableScored]:
    """Return the tables that have rules, with the newest scores of each."""
    return scores.tables(connection, user.database_role)


@router.get("/tables/{schema}/{name}", summary="Show the scores of a table")
def show_quality_scores(
    user: Viewer, connection: Connection, schema: SchemaName, name: TableName, between: Window
) -> TableScores:
    """Return its score and those of its dimensions over a window."""
    return scores.of_table(connection, user.database_role, (schema, name), between)


@router.get("/tables/{schema}/{name}/compare", summary="Compare two instants")
def compare_quality(
    user: Viewer, connection: Connection, schema: SchemaName, name: TableName, before: datetime, after: Instant = None
) -> list[RuleComparison]:
    """Return what the newest checks until each of two instants had found of each rule."""
    instants = (aware(before) or clock.now(), aware(after) or clock.now())
    return results.compared(connection, user.database_role, (schema, name), *instants)


@router.post("/tables/{schema}/{name}/check", summary="Check a table now", responses={202: {"model": Operation}})
def check_table_quality(
    user: Operator, services: Shared, schema: SchemaName, name: TableName, response: Response, wait: Wait = 0
) -> Operation:
    """Measure all rules of a table at one snapshot; the results are in ``/quality/rules`` when it has ended."""
    statement = actions.check_statement((schema, name))
    started = run_statement(services, user, OperationKind.CHECK_QUALITY, f"{schema}.{name}", statement)
    return finish(services, started, wait, response)


@router.get("/tables/{schema}/{name}/suggestions", summary="Suggest rules from the rows")
def suggest_quality_rules(
    user: Editor, session: CommandSession, schema: SchemaName, name: TableName
) -> list[RuleSuggestion]:
    """Return rules that hold of what is there, each with what was seen."""
    return actions.suggestions(session, (schema, name))


@router.get("/tables/{schema}/{name}/rules/{rule}", summary="Show a rule")
def show_quality_rule(
    user: Viewer, connection: Connection, schema: SchemaName, name: TableName, rule: RuleName
) -> QualityRule:
    """Return a rule with what the newest check found."""
    return rules.one(connection, user.database_role, schema, name, rule)


@router.patch("/tables/{schema}/{name}/rules/{rule}", summary="Alter a rule")
def alter_quality_rule(
    user: Editor, session: CommandSession, schema: SchemaName, name: TableName, rule: RuleName, body: AlterRule
) -> QualityRule:
    """Suspend or resume it, or give it other terms; all of it or nothing."""
    actions.alter(session, (schema, name), rule, body)
    return rules.one(session.connection, user.database_role, schema, name, rule)


@router.delete("/tables/{schema}/{name}/rules/{rule}", status_code=204, summary="Drop a rule")
def drop_quality_rule(
    user: Editor, session: CommandSession, schema: SchemaName, name: TableName, rule: RuleName
) -> None:
    """Remove it with all that was found by it."""
    actions.drop(session, (schema, name), rule)


@router.get("/tables/{schema}/{name}/rules/{rule}/violations", summary="Show the rows that fail")
def list_violations(
    user: Viewer,
    session: CommandSession,
    schema: SchemaName,
    name: TableName,
    rule: RuleName,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Violations:
    """Return a page of the rows that fail it now; who acts for a role needs its right to read them."""
    rules.one(session.connection, user.database_role, schema, name, rule)
    found = violating_rows(session, (schema, name), rule, limit, offset)
    return Violations(
        columns=found.columns,
        rows=found.rows,
        offset=offset,
        more=found.more,
        query=found.query,
        milliseconds=round(found.milliseconds, 2),
    )
