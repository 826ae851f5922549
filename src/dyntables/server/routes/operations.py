"""Operations, and the audit trail."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from dyntables.errors import ForbiddenError
from dyntables.server.deps import Connection, Operator, Shared, Viewer
from dyntables.server.read.system.audit import entries
from dyntables.server.routes.parameters import Cursor, Limit, Wait
from dyntables.server.schemas.base import Page
from dyntables.server.schemas.catalog import AuditEntry
from dyntables.server.schemas.operations import Operation
from dyntables.server.security.roles import Role

router = APIRouter(tags=["operations"])
Part = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]+$")]


@router.get("/operations", summary="List operations")
def list_operations(user: Viewer, services: Shared) -> list[Operation]:
    """Return those that run and those of the last hour, the newest first."""
    return services.operations.list()


@router.get("/operations/{operation_id}", summary="Show an operation")
def show_operation(user: Viewer, services: Shared, operation_id: UUID, wait: Wait = 0) -> Operation:
    """Return it, after waiting at most that long for its end."""
    return services.operations.get(operation_id, wait_seconds=wait)


@router.post("/operations/{operation_id}/cancel", summary="Cancel an operation")
def cancel_operation(user: Operator, services: Shared, operation_id: UUID) -> Operation:
    """Cancel one of your own, or as an admin any; the tables keep their contents."""
    if services.operations.get(operation_id).user != user.name and not user.role.may(Role.ADMIN):
        raise ForbiddenError("the operation is somebody else's")
    return services.operations.cancel(operation_id)


@router.get("/audit", summary="List who did what")
def list_audit(
    user: Viewer,
    connection: Connection,
    object: Part = None,
    who: Part = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[AuditEntry]:
    """Return the audit trail, the newest first."""
    return entries(connection, object, who, limit, cursor)
