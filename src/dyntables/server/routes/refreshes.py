"""The history of refreshes, and those that run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from dyntables.server.deps import Connection, Viewer
from dyntables.server.read.refreshes import history as model
from dyntables.server.read.refreshes.running import running
from dyntables.server.routes.parameters import Cursor, Instant, Limit, SomeName
from dyntables.server.schemas.base import Page
from dyntables.server.schemas.refreshes import Refresh, RefreshDetail
from dyntables.server.schemas.tables import RunningRefresh

router = APIRouter(prefix="/refreshes", tags=["refreshes"])
_WORD = r"^[A-Z_]{1,40}$"
Words = Annotated[list[Annotated[str, Query(pattern=_WORD)]] | None, Query(max_length=20)]


def wanted(
    schema_name: SomeName = None,
    name: SomeName = None,
    state: Words = None,
    action: Words = None,
    trigger: Annotated[str | None, Query(pattern=_WORD)] = None,
    run: Annotated[str | None, Query(pattern="^[0-9a-f-]{36}$")] = None,
    begin: Instant = None,
    end: Instant = None,
    late: bool | None = None,
    minimum_ms: Annotated[float | None, Query(ge=0)] = None,
) -> model.RefreshFilter:
    """Return which refreshes a request asks for."""
    return model.RefreshFilter(schema_name, name, state, action, trigger, run, begin, end, late, minimum_ms)


@router.get("", summary="List refreshes")
def list_refreshes(
    user: Viewer,
    connection: Connection,
    which: Annotated[model.RefreshFilter, Depends(wanted)],
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Refresh]:
    """Return one page, the newest first; leave out NO_DATA by naming the actions that are wanted."""
    return model.listed(connection, which, limit, cursor)


@router.get("/running", summary="List the refreshes that run now")
def list_running(user: Viewer, connection: Connection) -> list[RunningRefresh]:
    """Return those of all processes, with progress and what they wait for."""
    return running(connection)


@router.get("/{refresh_id}", summary="Show one refresh")
def show_refresh(
    user: Viewer, connection: Connection, refresh_id: Annotated[int, Path(ge=1, lt=2**63)]
) -> RefreshDetail:
    """Return its statements, what it read, its error with a hint, and the other tables of its run."""
    return model.detail(connection, refresh_id, user.database_role)
