"""Dynamic tables: listed, shown, created, altered, refreshed, verified, dropped."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Response

from dyntables.commands.execute import execute_one
from dyntables.compiler.names import quote_qualified
from dyntables.health.judge import Status
from dyntables.server.actions.statements import check_etag, creation, finish, run_alterations, run_statement
from dyntables.server.deps import CommandSession, Connection, Editor, Operator, Shared, Viewer
from dyntables.server.paging import decode_cursor, encode_cursor
from dyntables.server.read.definitions.graph import column_edges, critical_path
from dyntables.server.read.definitions.plans import predicted, table_plan
from dyntables.server.read.system import audit as trail
from dyntables.server.read.tables import listed as model
from dyntables.server.read.tables.lag_series import lag_series
from dyntables.server.read.tables.stored import harmless, stored_rows
from dyntables.server.routes.parameters import Cursor, Limit, SchemaName, SomeName, TableName, Wait, Window
from dyntables.server.schemas.base import Page
from dyntables.server.schemas.catalog import AuditEntry
from dyntables.server.schemas.graph import CriticalPath
from dyntables.server.schemas.operations import Operation, OperationKind
from dyntables.server.schemas.plans import Plan
from dyntables.server.schemas.tables import (
    AlterTable,
    ColumnEdge,
    CreateTable,
    DefinitionVersion,
    DynamicTable,
    Finding,
    LagSeries,
    PredictedRefresh,
    Preview,
    TableDetail,
)

router = APIRouter(prefix="/dynamic-tables", tags=["dynamic tables"])
IfMatch = Annotated[str | None, Header(max_length=200, description="The etag of the table as it was read.")]


@router.get("", summary="List the dynamic tables")
def list_tables(
    user: Viewer,
    connection: Connection,
    q: Annotated[str | None, Query(max_length=200, description="Part of schema.name or of the comment.")] = None,
    schema_name: SomeName = None,
    status: Annotated[list[Status] | None, Query()] = None,
    mode: Annotated[str | None, Query(pattern="^(INCREMENTAL|FULL)$")] = None,
    limit: Limit = 500,
    cursor: Cursor = None,
) -> Page[DynamicTable]:
    """List them by schema and name, with state, mode, lag, size, last refresh and health."""
    wanted = model.TableFilter(q, schema_name, status, mode, decode_cursor(cursor, str, str))
    found = [t for t in model.load(connection).tables.values() if wanted.takes(t)]
    more = encode_cursor(found[limit - 1].schema_name, found[limit - 1].name) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=more)


@router.post("", status_code=201, summary="Create or replace a dynamic table", responses={202: {"model": Operation}})
def create_table(
    user: Editor, services: Shared, session: CommandSession, body: CreateTable, response: Response, wait: Wait = 30
) -> Operation:
    """Create from a whole statement, or from its parts; 201 when it is filled, 202 while that goes on."""
    sql, schema, name = creation(session, body)
    started = run_statement(services, user, OperationKind.CREATE, f"{schema}.{name}", sql)
    response.headers["Location"] = f"/api/v1/dynamic-tables/{quote(schema, safe='')}/{quote(name, safe='')}"
    return finish(services, started, wait, response, done=201)


@router.get("/{schema}/{name}", summary="Show one dynamic table")
def show_table(
    user: Viewer, connection: Connection, schema: SchemaName, name: TableName, response: Response
) -> TableDetail:
    """Return everything of one table but plan, lag and history."""
    table = model.detail(connection, schema, name)
    response.headers["ETag"] = table.etag
    return table


@router.patch("/{schema}/{name}", summary="Alter a dynamic table")
def alter_table(
    user: Operator,
    services: Shared,
    session: CommandSession,
    schema: SchemaName,
    name: TableName,
    body: AlterTable,
    if_match: IfMatch = None,
) -> TableDetail:
    """Change target lag, comment, scheduling, state or name; all of it or nothing."""
    check_etag(session.connection, schema, name, if_match)
    run_alterations(session, user, schema, name, body)
    return model.detail(session.connection, body.new_schema_name or schema, body.new_name or name)


@router.delete("/{schema}/{name}", summary="Drop a dynamic table")
def drop_table(
    user: Editor,
    services: Shared,
    connection: Connection,
    schema: SchemaName,
    name: TableName,
    response: Response,
    cascade: bool = False,
    if_match: IfMatch = None,
    wait: Wait = 30,
) -> Operation:
    """Drop it; with cascade also the dynamic tables that read it."""
    check_etag(connection, schema, name, if_match)
    statement = f"DROP DYNAMIC TABLE {quote_qualified(schema, name)}{' CASCADE' if cascade else ''}"
    started = run_statement(services, user, OperationKind.DROP, f"{schema}.{name}", statement)
    return finish(services, started, wait, response)


@router.post("/{schema}/{name}/refresh", summary="Refresh now", responses={202: {"model": Operation}})
def refresh_table(
    user: Operator,
    services: Shared,
    connection: Connection,
    schema: SchemaName,
    name: TableName,
    response: Response,
    wait: Wait = 0,
) -> Operation:
    """Refresh a table and what it reads, at one snapshot."""
    check_etag(connection, schema, name, None)
    statement = f"ALTER DYNAMIC TABLE {quote_qualified(schema, name)} REFRESH"
    started = run_statement(services, user, OperationKind.REFRESH, f"{schema}.{name}", statement)
    return finish(services, started, wait, response)


@router.post("/{schema}/{name}/verify", summary="Compare with the definition", responses={202: {"model": Operation}})
def verify_table(
    user: Operator,
    services: Shared,
    connection: Connection,
    schema: SchemaName,
    name: TableName,
    response: Response,
    wait: Wait = 0,
) -> Operation:
    """Refresh, run the definition, and compare both ways in the same snapshot."""
    check_etag(connection, schema, name, None)
    statement = f"ALTER DYNAMIC TABLE {quote_qualified(schema, name)} VERIFY"
    started = run_statement(services, user, OperationKind.VERIFY, f"{schema}.{name}", statement)
    return finish(services, started, wait, response)


@router.post("/{schema}/{name}/cancel", summary="Cancel the refresh that runs")
def cancel_refresh(user: Operator, session: CommandSession, schema: SchemaName, name: TableName) -> list[int]:
    """Cancel it in whichever process; the table keeps its contents. Return the server processes that stopped."""
    model.find_row(session.connection, schema, name)
    cancelled = execute_one(session, f"ALTER DYNAMIC TABLE {quote_qualified(schema, name)} CANCEL")
    return [pid for _, pid, _ in cancelled.rows]


@router.get("/{schema}/{name}/why-late", summary="Say what holds it back")
def explain_lateness(user: Viewer, connection: Connection, schema: SchemaName, name: TableName) -> list[Finding]:
    """Return which table of its pipeline, which phase, which lock or statement keeps it from being fresh."""
    return model.why_late(connection, model.find_row(connection, schema, name).id)


@router.get("/{schema}/{name}/plan", summary="Show how it is kept fresh")
def show_plan(
    user: Viewer, session: CommandSession, schema: SchemaName, name: TableName, verbose: bool = False
) -> Plan:
    """Return the operators with class and state, and what the last refresh that did work took."""
    table = model.find_row(session.connection, schema, name)
    return table_plan(session, schema, name, table.id, verbose=verbose)


@router.get("/{schema}/{name}/changes", summary="Predict the next refresh")
def predict_refresh(
    user: Viewer, session: CommandSession, schema: SchemaName, name: TableName
) -> list[PredictedRefresh]:
    """Return what the next refresh would do, to it and to everything that reads it."""
    model.find_row(session.connection, schema, name)
    return predicted(session, schema, name)


@router.get("/{schema}/{name}/lag", summary="Show the lag over a window")
def show_lag(
    user: Viewer,
    connection: Connection,
    schema: SchemaName,
    name: TableName,
    between: Window,
    points: Annotated[int, Query(ge=10, le=5000)] = 500,
) -> LagSeries:
    """Return the saw-tooth, its percentiles and the share of time within the target."""
    _, table = model.load_one(connection, schema, name)
    return lag_series(connection, table, *between, points)


@router.get("/{schema}/{name}/lineage", summary="Show where its columns come from")
def show_lineage(user: Viewer, connection: Connection, schema: SchemaName, name: TableName) -> list[ColumnEdge]:
    """Return an edge for each source column of each output column."""
    model.find_row(connection, schema, name)
    return column_edges(connection, schema, name)


@router.get("/{schema}/{name}/critical-path", summary="Show the slowest chain below it")
def show_critical_path(user: Viewer, connection: Connection, schema: SchemaName, name: TableName) -> CriticalPath:
    """Return the chain of refreshes that its freshness waits for longest."""
    listed = model.load(connection)
    return critical_path(listed, model.find(listed, schema, name))


@router.get("/{schema}/{name}/preview", summary="Show some rows")
def preview_table(
    user: Viewer,
    services: Shared,
    connection: Connection,
    schema: SchemaName,
    name: TableName,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    order_by: Annotated[str | None, Query(max_length=63, pattern=r"^[^\x00]+$")] = None,
    descending: bool = False,
) -> Preview:
    """Return rows as text, straight from storage; who acts for a role needs its SELECT."""
    table = model.find_row(connection, schema, name)
    sql = stored_rows(table, order_by, descending=descending)
    return services.console.stored(sql, limit, user.name, harmless(table, user.database_role))


@router.get("/{schema}/{name}/versions", summary="List the definitions that it has had")
def list_versions(user: Viewer, connection: Connection, schema: SchemaName, name: TableName) -> list[DefinitionVersion]:
    """Return them, the newest first."""
    return model.versions(connection, model.find_row(connection, schema, name).id)


@router.get("/{schema}/{name}/activity", summary="List who did what to it")
def list_activity(
    user: Viewer, connection: Connection, schema: SchemaName, name: TableName, limit: Limit = 50, cursor: Cursor = None
) -> Page[AuditEntry]:
    """Return its part of the audit trail, the newest first."""
    return trail.entries(connection, f"{schema}.{name}", None, limit, cursor)
