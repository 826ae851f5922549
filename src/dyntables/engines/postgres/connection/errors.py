"""psycopg's errors → ours, placed in the text that the user wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from dyntables.errors import (
    CancelledError,
    CatalogError,
    ConflictError,
    ConnectionFailedError,
    DeadlockError,
    DependentsExistError,
    EngineError,
    ExpressionError,
    InsufficientPrivilegeError,
    InvalidQueryError,
    LockNotAvailableError,
    MissingRelationError,
    Span,
)

_RETRYABLE = ("40", "55P03", "57014", "57P", "08", "53")
_NAMES = "dynamic_table_schema_name_table_name_key"
_USER = ("42", "22", "2F", "0A", "2B")

# Of a value, a constraint of a domain, a subquery with two rows, a routine; or of an expression that is too large.
_EXPRESSION = ("21", "22", "23", "2F", "38", "39", "54", "P0")

# Those that somebody above treats unlike others.
_CLASSES: dict[str, type[EngineError]] = {
    "40001": ConflictError,
    "40P01": DeadlockError,
    "55P03": LockNotAvailableError,
    "57014": CancelledError,
    "42501": InsufficientPrivilegeError,
    "2BP01": DependentsExistError,
    "42P01": MissingRelationError,
}


def of_an_expression(error: psycopg.Error) -> bool:
    """Tell whether an error may come from an expression and the values that it met: others may not make it fail."""
    return (error.sqlstate or "").startswith(_EXPRESSION)


@contextmanager
def translated(text: str | None = None) -> Iterator[None]:
    """Let errors of the driver leave a block as ours; ``text`` is what the user wrote, if all of it is sent."""
    try:
        yield
    except psycopg.Error as error:
        raise translate(error, text) from error


@contextmanager
def savepoint(connection: psycopg.Connection) -> Iterator[None]:
    """Open a transaction, or a savepoint in the present one, that errors of the driver leave as ours."""
    with translated(), connection.transaction():
        yield


def translate(
    error: psycopg.Error, text: str | None = None, offset: int = 0
) -> EngineError | InvalidQueryError | CatalogError:
    """Return our error for the server's; ``offset`` is where ``text`` begins in the statement that was sent."""
    diagnostics = error.diag
    message = diagnostics.message_primary or str(error).strip() or type(error).__name__
    state = error.sqlstate
    span = None
    position = int(diagnostics.statement_position or 0)
    if text and (diagnostics.internal_query or "")[offset:].startswith(text):  # a function has executed it
        position = int(diagnostics.internal_position or 0)
    if text is not None and position > 0:
        start = position - 1 - offset
        if 0 <= start <= len(text):
            span = Span(text, start, start + 1)
    detail, hint = diagnostics.message_detail, diagnostics.message_hint
    if state is None:
        return ConnectionFailedError(
            f"the connection to the server failed: {message.splitlines()[0]}",
            hint=hint or "Check the URL, and that the server runs and lets this user in.",
            retryable=True,
        )
    if text is not None and state.startswith(_USER):
        return InvalidQueryError(message, detail=detail, hint=hint, span=span, sqlstate=state)
    if diagnostics.constraint_name == _NAMES:
        return CatalogError("somebody else has made a dynamic table of that name meanwhile", detail=detail)
    if state == "53100":
        hint = hint or "Free space on the server's disk; the table keeps its previous contents."
    if state == "55P03":
        hint = hint or "Another session has locked what is read; pg_locks and pg_stat_activity show which. Try again."
    kind = ExpressionError if of_an_expression(error) else _CLASSES.get(state, EngineError)
    return kind(message, detail=detail, hint=hint, span=span, sqlstate=state, retryable=state.startswith(_RETRYABLE))
