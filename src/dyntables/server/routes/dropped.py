"""Dropped dynamic tables: listed, brought back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from dyntables.compiler.names import quote_qualified
from dyntables.server.actions.statements import finish, run_statement
from dyntables.server.deps import Connection, Editor, Shared, Viewer
from dyntables.server.read.tables import dropped as model
from dyntables.server.routes.parameters import SchemaName, TableName, Wait
from dyntables.server.schemas.dropped import DroppedTable
from dyntables.server.schemas.operations import Operation, OperationKind

router = APIRouter(prefix="/dynamic-tables", tags=["dynamic tables"])
Meant = Annotated[
    int | None, Query(alias="id", ge=1, lt=2**63, description="Bring it back only if it is the one of this id.")
]


@router.get("/dropped", summary="List the dropped tables")
def list_dropped(user: Viewer, connection: Connection) -> list[DroppedTable]:
    """Return those that are kept and can be brought back, the one that was dropped last first."""
    return model.dropped_tables(connection)


@router.post("/{schema}/{name}/undrop", summary="Bring back a dropped table", responses={202: {"model": Operation}})
def undrop_table(
    user: Editor,
    services: Shared,
    connection: Connection,
    schema: SchemaName,
    name: TableName,
    response: Response,
    meant: Meant = None,
    wait: Wait = 30,
) -> Operation:
    """Bring back the table of that name that was dropped last, with contents, history and rights."""
    model.check_dropped(connection, schema, name, meant)
    statement = f"UNDROP DYNAMIC TABLE {quote_qualified(schema, name)}"
    started = run_statement(services, user, OperationKind.UNDROP, f"{schema}.{name}", statement)
    return finish(services, started, wait, response)
