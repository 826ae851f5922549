"""The application: routes, middleware and the web app, over what the process shares."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version

import anyio
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from dyntables.server import errors
from dyntables.server.routes import drafts, graph, operations, queries, refreshes, system, tables
from dyntables.server.schemas.catalog import Template
from dyntables.server.services import running_services
from dyntables.server.steps import Steps
from dyntables.server.templates import patterns
from dyntables.settings import Settings

PREFIX = "/api/v1"
_THREADS = 40
_DESCRIPTION = """Dynamic tables for PostgreSQL: create them, see whether they are fresh, and find out why one is not.

Errors are problem+json with a stable `code`, a `hint` and, where it helps, a `span` in the text that was sent.
Lists have pages: pass `next_cursor` as `cursor`.
"""


def create_app(
    settings: Settings,
    url: str = "",
    *,
    embedded: bool = False,
    templates: Sequence[Template] = (),
    steps: Steps | None = None,
) -> FastAPI:
    """Return the application.

    Args:
        settings: all that can be set.
        url: the database.
        embedded: whether that is the embedded server, whose roles are ours to make.
        templates: statements to begin with, beside the common patterns.
        steps: the progress of what the process prepares.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        opened = running_services(
            settings, url, embedded=embedded, templates=[*templates, *patterns()], steps=steps or Steps()
        )
        app.state.services = await anyio.to_thread.run_sync(opened.__enter__)
        try:
            yield
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(lambda: opened.__exit__(None, None, None))

    app = FastAPI(
        title="dyntables",
        version=version("dyntables"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses=errors.RESPONSES,
        separate_input_output_schemas=False,
    )
    api = APIRouter(prefix=PREFIX)
    for module in (system, tables, refreshes, graph, drafts, queries, operations):
        api.include_router(module.router)
    app.include_router(api)
    errors.install(app)
    return app


def _operation_id(route: APIRoute) -> str:
    """Name an operation after its handler."""
    return route.name
