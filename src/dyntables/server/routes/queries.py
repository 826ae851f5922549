"""The SQL console."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from dyntables.server.console.access import check_console
from dyntables.server.console.arrow import MEDIA_TYPE as ARROW
from dyntables.server.console.arrow import pyarrow
from dyntables.server.deps import Shared, Viewer
from dyntables.server.schemas.queries import ExplainQuery, Query, QueryPlan, RunningQuery
from dyntables.server.security.roles import Role

router = APIRouter(prefix="/queries", tags=["queries"])
NDJSON = "application/x-ndjson"
_STREAMS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "NDJSON: a QueryHead, an array of texts or nulls for each row, and a QueryEnd; or CSV; or an "
        "Arrow stream. In the last two, as many rows as the limit may mean that there are more; they have every row "
        "if the limit is null, and end early, broken off, if the statement fails.",
        "content": {
            NDJSON: {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
            ARROW: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.post("", summary="Run a statement that reads", responses=_STREAMS, response_class=StreamingResponse)
def run_query(
    user: Viewer,
    services: Shared,
    body: Query,
    accept: Annotated[str, Header(max_length=500, description=f"text/csv for CSV, {ARROW} for Arrow.")] = NDJSON,
) -> StreamingResponse:
    """Run it in a read-only transaction that is rolled back, and stream the rows as PostgreSQL prints them."""
    check_console(services.console, user)
    if ARROW in accept:
        pyarrow()
    opened = services.console.run(body, user.name, file="text/csv" in accept or ARROW in accept)
    headers = {"X-Query-Id": str(opened.id)}
    if "text/csv" in accept:
        headers["Content-Disposition"] = 'attachment; filename="result.csv"'
        return StreamingResponse(opened.csv(), media_type="text/csv; charset=utf-8", headers=headers)
    if ARROW in accept:
        return StreamingResponse(opened.arrow(), media_type=ARROW, headers=headers)
    return StreamingResponse(opened.ndjson(), media_type=NDJSON, headers=headers)


@router.post("/explain", summary="Show PostgreSQL's plan of a statement")
def explain_query(user: Viewer, services: Shared, body: ExplainQuery) -> QueryPlan:
    """Return EXPLAIN (FORMAT JSON); with analyze, the statement is run, reading only."""
    check_console(services.console, user)
    return services.console.explain(body, user.name)


@router.get("", summary="List the queries that run")
def list_queries(user: Viewer, services: Shared) -> list[RunningQuery]:
    """Return your own, and for admins everybody's."""
    return [q for q in services.console.running() if q.user == user.name or user.role.may(Role.ADMIN)]


@router.delete("/{query_id}", status_code=204, summary="Cancel a query")
def cancel_query(user: Viewer, services: Shared, query_id: UUID) -> None:
    """Cancel one of your own; an admin may cancel any. One that is on its way is stopped when it comes."""
    services.console.cancel(query_id, user.name, anyones=user.role.may(Role.ADMIN))
