"""Errors as problem+json (RFC 9457): the only place that knows HTTP's status codes of our errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException

from dyntables import errors
from dyntables.engines.postgres.connection.errors import translate
from dyntables.errors import DyntablesError, EngineError, InternalError, RequestError, Span, without_values
from dyntables.server.schemas.base import Problem, TextSpan

MEDIA_TYPE = "application/problem+json"
_TYPES = "https://dyntables.dev/errors/"

# The nearest class in the order of inheritance counts.
_STATUS: dict[type[DyntablesError], int] = {
    errors.StatementSyntaxError: 422,
    errors.InvalidQueryError: 422,
    errors.InvalidOptionError: 422,
    errors.UnsupportedQueryError: 422,
    errors.NotFoundError: 404,
    errors.PermissionDeniedError: 403,
    errors.MigrationError: 503,
    errors.CatalogError: 409,
    errors.ConnectionFailedError: 503,
    errors.EmbeddedServerError: 503,
    errors.RefreshError: 409,
    errors.AuthenticationError: 401,
    errors.ForbiddenError: 403,
    errors.PreconditionError: 412,
    errors.TooManyRequestsError: 429,
    errors.TooLargeError: 413,
    errors.NotAcceptableError: 406,
    errors.RequestError: 400,
}
# SQLSTATE or its class → status, for what the database refuses; else 422. A statement that was cancelled or took too
# long is not 408: browsers send again, by themselves, what is answered so.
_SQLSTATES = {"53": 503, "57P": 503, "08": 503, "55P03": 409, "40": 409, "25006": 403}

_CODES = {404: errors.NotFoundError.code, 413: errors.TooLargeError.code}

_log = structlog.get_logger()


def status_of(error: DyntablesError) -> int:
    """Return the HTTP status of an error."""
    if error.sqlstate == "42501":
        return 403
    for kind in type(error).__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    if isinstance(error, EngineError):
        state = error.sqlstate or ""
        return next((status for prefix, status in _SQLSTATES.items() if state.startswith(prefix)), 422)
    return 500


def problem_of(error: DyntablesError, instance: str | None = None) -> Problem:
    """Return an error as a problem."""
    return Problem(
        type=_TYPES + error.code,
        title=error.message,
        status=status_of(error),
        code=error.code,
        detail=error.detail,
        hint=error.hint,
        span=_span(error.span) if error.span is not None else None,
        sqlstate=error.sqlstate,
        instance=instance,
    )


def problem_without_values(error: DyntablesError, instance: str | None = None) -> Problem:
    """Return an error as a problem for people who may not read every row: without what it quotes of rows."""
    message, detail = without_values(error)
    return problem_of(error, instance).model_copy(update={"title": message, "detail": detail})


def respond(error: DyntablesError, request: Request, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the response for an error."""
    # A refresh may fail over rows that whoever started it may not read.
    make = problem_of if getattr(request.state, "database_role", None) is None else problem_without_values
    problem = make(error, getattr(request.state, "correlation_id", None))
    content = problem.model_dump(mode="json", exclude_none=True)
    extra = dict(headers or {})
    if problem.status == 401:
        extra["WWW-Authenticate"] = "Bearer"
    if problem.status == 429:
        extra.setdefault("Retry-After", "10")
    return JSONResponse(content, problem.status, headers=extra, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error with a problem."""
    app.add_exception_handler(DyntablesError, _ours)
    app.add_exception_handler(psycopg.Error, _database)
    app.add_exception_handler(PoolTimeout, _busy)
    app.add_exception_handler(RecursionError, _deep)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)


# What every operation may answer, for the OpenAPI document.
RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "The request cannot be served.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}


def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DyntablesError)
    if status_of(error) >= 500:
        _log.error("request failed", code=error.code, error=error.message, detail=error.detail)
    return respond(error, request)


def _database(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, psycopg.Error)
    return _ours(request, translate(error))


def _deep(request: Request, error: Exception) -> JSONResponse:
    return respond(errors.InvalidQueryError("the statement is nested too deeply"), request)


def _busy(request: Request, error: Exception) -> JSONResponse:
    busy = errors.ConnectionFailedError(
        "the server has no free connection to the database", hint="Try again in a moment.", retryable=True
    )
    return respond(busy, request, {"Retry-After": "2"})


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    places = [f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()]
    problem = _problem("the request is not valid", 422, request, detail="; ".join(places))
    return JSONResponse(problem, 422, media_type=MEDIA_TYPE)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    title = str(error.detail)
    problem = _problem(title[:1].lower() + title[1:], error.status_code, request)
    return JSONResponse(problem, error.status_code, headers=error.headers, media_type=MEDIA_TYPE)


def _bug(request: Request, error: Exception) -> JSONResponse:
    _log.error("request failed for a bug of ours", exc_info=error)
    return respond(InternalError("something went wrong", hint="The log of the server has the details."), request)


def _problem(title: str, status: int, request: Request, detail: str | None = None) -> dict[str, Any]:
    instance = getattr(request.state, "correlation_id", None)
    code = _CODES.get(status, RequestError.code)
    problem = Problem(type=_TYPES + code, title=title, status=status, code=code, detail=detail, instance=instance)
    return problem.model_dump(mode="json", exclude_none=True)


def _span(span: Span) -> TextSpan:
    return TextSpan(start=span.start, end=span.end, line=span.line, column=span.column)
