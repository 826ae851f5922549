"""The application: routes, middleware and the web app, over what the process shares."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import anyio
from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.routing import APIRoute

from dyntables.server import docs, errors, webapp
from dyntables.server.limiting import Limits
from dyntables.server.middleware.correlation import HEADER, Correlation
from dyntables.server.middleware.guard import Guard
from dyntables.server.middleware.headers import EntityTags, SecurityHeaders
from dyntables.server.middleware.idempotency import Idempotency
from dyntables.server.routes import (
    alerting,
    alerts,
    drafts,
    dropped,
    graph,
    incidents,
    live,
    metrics,
    operations,
    quality,
    queries,
    refreshes,
    sessions,
    system,
    tables,
)
from dyntables.server.routes.people import auth, oidc
from dyntables.server.services import Services
from dyntables.settings import Settings

PREFIX = "/api/v1"
_THREADS = 40
_DESCRIPTION = """Dynamic tables for PostgreSQL: create them, see whether they are fresh, and find out why one is not.

Errors are problem+json with a stable `code`, a `hint` and, where it helps, a `span` in the text that was sent.
Lists have pages: pass `next_cursor` as `cursor`. Sign in at `/auth/login` and send its `csrf_token` as `X-CSRF-Token`
with every write, or send a token: `Authorization: Bearer …`. Live news come over the WebSocket `/api/v1/live`, as the
messages of `/live/messages`.
"""


def create_app(settings: Settings, services: Services | None = None) -> FastAPI:
    """Return the application over services that run; without them it can only describe itself."""
    app = FastAPI(
        title="dyntables",
        version=version("dyntables"),
        description=_DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses=errors.RESPONSES,
        separate_input_output_schemas=False,
    )
    app.state.services = services
    _add_routes(app)
    _add_middleware(app, settings)
    errors.install(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
    yield


def _add_routes(app: FastAPI) -> None:
    api = APIRouter(prefix=PREFIX)
    for module in (
        system,
        tables,
        dropped,
        refreshes,
        sessions,
        graph,
        drafts,
        queries,
        operations,
        live,
        metrics,
        alerts,
        alerting,
        incidents,
        quality,
        auth,
        oidc,
    ):
        api.include_router(module.router)
    app.include_router(api)
    app.include_router(metrics.prometheus)
    described = app.openapi

    def openapi() -> dict[str, Any]:
        return _with_problems(described())

    app.openapi = openapi  # type: ignore[method-assign]
    app.include_router(docs.router)
    app.include_router(webapp.router)


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """Add them from the innermost to the outermost."""
    app.add_middleware(Idempotency)
    app.add_middleware(EntityTags)
    app.add_middleware(GZipMiddleware, minimum_size=1500, compresslevel=5)
    app.add_middleware(Guard, settings=settings, limits=Limits(settings))
    app.add_middleware(SecurityHeaders)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-Match", "Idempotency-Key", HEADER],
            expose_headers=["ETag", HEADER, "X-Query-Id"],
        )
    app.add_middleware(Correlation)


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Describe what the server really answers to an invalid request: a problem, like every other error."""
    for operations_of in document["paths"].values():
        for operation in operations_of.values():
            operation["responses"].pop("422", None)
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)
    return document


def _operation_id(route: APIRoute) -> str:
    """Name an operation after its handler."""
    return route.name
