"""The one tree of errors. Every class carries a stable ``code`` and, where it helps, a place and a next step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text that a person wrote: 0-based character offsets, end exclusive."""

    text: str
    start: int
    end: int

    @property
    def line(self) -> int:
        """1-based line of the start."""
        return self.text.count("\n", 0, self.start) + 1

    @property
    def column(self) -> int:
        """1-based column of the start."""
        return self.start - (self.text.rfind("\n", 0, self.start) + 1) + 1

    def caret(self) -> str:
        """Return the line of the start with a caret below the place."""
        begin = self.text.rfind("\n", 0, self.start) + 1
        end = self.text.find("\n", self.start)
        line = self.text[begin : end if end >= 0 else len(self.text)]
        width = max(1, min(self.end, begin + len(line)) - self.start)
        prefix = f"LINE {self.line}: "
        return f"{prefix}{line}\n{' ' * (len(prefix) + self.start - begin)}{'^' * width}"


class DyntablesError(Exception):
    """Base of every error that dyntables raises on purpose."""

    code: ClassVar[str] = "DT000"

    def __init__(
        self,
        message: str,
        *,
        detail: str | None = None,
        hint: str | None = None,
        span: Span | None = None,
        sqlstate: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.hint = hint
        self.span = span
        self.sqlstate = sqlstate

    def __str__(self) -> str:
        lines = [self.message]
        if self.span is not None:
            lines.append(self.span.caret())
        if self.detail:
            lines.append(f"DETAIL: {self.detail}")
        if self.hint:
            lines.append(f"HINT: {self.hint}")
        return "\n".join(lines)


class StatementSyntaxError(DyntablesError):
    """The statement cannot be read; the span says where."""

    code = "DT100"


class InvalidQueryError(DyntablesError):
    """The defining query is wrong: an unknown name, an ambiguous column, a type that does not fit."""

    code = "DT101"


class InvalidOptionError(DyntablesError):
    """An option has a value that is not allowed."""

    code = "DT102"


class UnsupportedQueryError(DyntablesError):
    """The query is valid, and cannot be maintained incrementally as was asked."""

    code = "DT110"


class CatalogError(DyntablesError):
    """The object does not exist, exists already, or is of another kind."""

    code = "DT200"


class CycleError(CatalogError):
    """The definition would make a dynamic table depend on itself."""

    code = "DT201"


class DependentObjectsError(CatalogError):
    """Another object depends on the one to be dropped."""

    code = "DT202"


class NotFoundError(CatalogError):
    """The object does not exist."""

    code = "DT203"


class PermissionDeniedError(CatalogError):
    """The role lacks a right on the dynamic table."""

    code = "DT204"


class MigrationError(CatalogError):
    """The private schema cannot be brought to the wanted version."""

    code = "DT210"


class CatalogTooNewError(MigrationError):
    """A newer version has migrated the private schema; this process stops rather than misread it."""

    code = "DT211"


class EngineError(DyntablesError):
    """The database refused or failed; ``sqlstate`` is its code, ``retryable`` says whether trying again can help."""

    code = "DT300"

    def __init__(
        self,
        message: str,
        *,
        detail: str | None = None,
        hint: str | None = None,
        span: Span | None = None,
        sqlstate: str | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(message, detail=detail, hint=hint, span=span, sqlstate=sqlstate)
        self.retryable = retryable


class ConnectionFailedError(EngineError):
    """The server cannot be reached, or refuses the user."""

    code = "DT301"


class ConflictError(EngineError):
    """Somebody else changed the same meanwhile; all of it has to be tried again."""


class DeadlockError(EngineError):
    """Sessions waited for each other, and the server ended the statement of this one."""


class LockNotAvailableError(EngineError):
    """Somebody else held a lock for longer than the statement may wait."""


class CancelledError(EngineError):
    """The statement was cancelled, or took longer than it may."""


class InsufficientPrivilegeError(EngineError):
    """The server says that the role lacks a right."""


class DependentsExistError(EngineError):
    """The server says that something else depends on what would go."""


class MissingRelationError(EngineError):
    """The server says that a relation does not exist."""


class ExpressionError(EngineError):
    """An expression failed, or a constraint did, over the values that it met; over others it need not."""


class EmbeddedServerError(EngineError):
    """The embedded PostgreSQL could not be prepared or started."""

    code = "DT302"


class RefreshError(DyntablesError):
    """A refresh failed; the table keeps its previous contents."""

    code = "DT400"


class InvariantError(RefreshError):
    """The delta does not fit what is stored; the table will be reinitialized."""

    code = "DT401"


class RebuildNeededError(RefreshError):
    """The changes are not enough; the table will be computed anew."""

    code = "DT404"


class DeposedError(RefreshError):
    """Another process leads the scheduling; the refresh was rolled back."""

    code = "DT403"


class QualityBlockedError(RefreshError):
    """The new contents break a rule that blocks; the table keeps its previous contents.

    The detail has examples of rows. Its SQLSTATE is that of a check constraint, so that only who may read rows sees it.
    """

    code = "DT405"


class NotInitializedError(RefreshError):
    """The table has no contents yet."""

    code = "DT402"


class RequestError(DyntablesError):
    """The request is not as the API wants it."""

    code = "DT500"


class AuthenticationError(RequestError):
    """Nobody is signed in, or the name, password or token is wrong."""

    code = "DT501"


class ForbiddenError(RequestError):
    """Who is signed in may not do this."""

    code = "DT502"


class PreconditionError(RequestError):
    """The object has changed since it was read, or the key was used for another request."""

    code = "DT503"


class TooManyRequestsError(RequestError):
    """The limit of requests in a time is reached."""

    code = "DT504"


class TooLargeError(RequestError):
    """The request is longer than the server takes."""

    code = "DT505"


class NotAcceptableError(RequestError):
    """The server cannot answer in the format that is asked for."""

    code = "DT506"


class InternalError(DyntablesError):
    """A bug of ours."""

    code = "DT900"


# Data that does not fit, and constraints that it breaks: the one quotes values in messages, both do in details.
_QUOTING = ("22", "23")
_QUOTED = re.compile('"[^"]*("|$)', re.DOTALL)


def without_values(error: DyntablesError) -> tuple[str, str | None]:
    """Return message and detail of an error for people who may not read the rows that it may quote."""
    if error.sqlstate is None or not error.sqlstate.startswith(_QUOTING):
        return error.message, error.detail
    message = error.message if error.sqlstate.startswith("23") else _QUOTED.sub('"…"', error.message)
    return message, None
