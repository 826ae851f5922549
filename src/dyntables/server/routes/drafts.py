"""Definitions before they are created, and what helps to write them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from dyntables.errors import DyntablesError
from dyntables.server.console.access import check_console
from dyntables.server.deps import CommandSession, Connection, Editor, Shared, Viewer
from dyntables.server.errors import problem_of
from dyntables.server.read.definitions import drafts as model
from dyntables.server.read.definitions.completions import complete
from dyntables.server.read.tables.rows import rows_for
from dyntables.server.schemas.catalog import Completions, Template
from dyntables.server.schemas.drafts import Draft, DraftExplanation, ExplainDraft, Validation
from dyntables.server.schemas.tables import TableColumn

router = APIRouter(tags=["builder"])


@router.post("/validate", summary="Check a CREATE DYNAMIC TABLE statement")
def validate_draft(user: Editor, session: CommandSession, body: Draft) -> Validation:
    """Return what it would be, clause by clause, or what is wrong and where; nothing is stored."""
    return model.validate(session, body.sql)[0]


@router.post("/explain", summary="Explain, estimate and try a CREATE DYNAMIC TABLE statement")
def explain_draft(user: Editor, services: Shared, session: CommandSession, body: ExplainDraft) -> DraftExplanation:
    """Return verdict, plan, estimate and the first rows of a test run; nothing is stored."""
    explanation, view = model.explain(session, body.sql, body.changed_rows)
    if view is None or body.sample_rows == 0:
        return explanation
    try:
        if user.database_role is not None:
            columns = [TableColumn(name=n, type=t.name) for n, t in view.columns]
            sample = rows_for(session.connection, user.database_role, view.sql, columns, body.sample_rows)
        else:
            check_console(services.console, user)
            sample = services.console.preview(view.sql, body.sample_rows, user.name)
        return explanation.model_copy(update={"sample": sample})
    except DyntablesError as error:
        return explanation.model_copy(update={"sample_problem": problem_of(error)})


@router.get("/completions", summary="List names for an editor")
def list_completions(
    user: Viewer,
    connection: Connection,
    prefix: Annotated[str | None, Query(max_length=130, pattern=r"^[^\x00]+$")] = None,
) -> Completions:
    """Return schemas, relations, columns, functions and options."""
    return complete(connection, prefix)


@router.get("/templates", summary="List statements to begin with")
def list_templates(user: Viewer, services: Shared) -> list[Template]:
    """Return the common patterns, and what the process adds to them."""
    return list(services.prepared.templates)
