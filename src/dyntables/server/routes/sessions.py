"""Sessions of the database that hold refreshes up."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from dyntables.server.actions.end_session import end_session
from dyntables.server.deps import Admin, Connection
from dyntables.server.schemas.tables import Blocker

router = APIRouter(prefix="/sessions", tags=["refreshes"])


@router.post("/{process_id}/end", summary="End a session that holds a refresh up")
def end_blocker(user: Admin, connection: Connection, process_id: Annotated[int, Path(ge=1, lt=2**31)]) -> Blocker:
    """End it; its open transaction is rolled back. Only a session for which a refresh waits now can be ended."""
    return end_session(connection, process_id)
