"""Why a definition is refreshed in full: machine-readable, logged, shown and tested."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """What in a definition cannot be maintained incrementally (yet)."""

    SUBQUERY = "SUBQUERY"
    LIMIT = "LIMIT"
    GROUPING_SETS = "GROUPING_SETS"
    RECURSIVE = "RECURSIVE"
    SET_RETURNING_FUNCTION = "SET_RETURNING_FUNCTION"
    SAMPLE = "SAMPLE"
    VOLATILE_FUNCTION = "VOLATILE_FUNCTION"
    CURRENT_TIME = "CURRENT_TIME"
    SESSION_FUNCTION = "SESSION_FUNCTION"
    FOREIGN_TABLE = "FOREIGN_TABLE"
    MATERIALIZED_VIEW = "MATERIALIZED_VIEW"
    SYSTEM_TABLE = "SYSTEM_TABLE"
    INHERITANCE = "INHERITANCE"
    ROW_SECURITY = "ROW_SECURITY"
    PARTITION = "PARTITION"
    SUBSCRIPTION = "SUBSCRIPTION"
    RIGHTS = "RIGHTS"
    UNLOGGED_TABLE = "UNLOGGED_TABLE"
    WHOLE_ROW = "WHOLE_ROW"
    SYNTAX = "SYNTAX"
    NOT_CANONICAL = "NOT_CANONICAL"


HINTS: dict[Reason, str] = {
    Reason.SUBQUERY: "Write the subquery as a join, or accept a full refresh.",
    Reason.LIMIT: "Add an ORDER BY, so that the rows that LIMIT keeps are determined.",
    Reason.GROUPING_SETS: "Write several dynamic tables with fewer groupings each.",
    Reason.VOLATILE_FUNCTION: "Declare the function IMMUTABLE or STABLE if it is, or move it to the reader's query.",
    Reason.CURRENT_TIME: "now() may stand in WHERE, HAVING and inner joins; put other uses into the query that reads.",
    Reason.FOREIGN_TABLE: "A foreign table has no change capture; copy it into a table first.",
    Reason.PARTITION: "Read the parent, with a condition on its key.",
    Reason.RIGHTS: "Grant the owner SELECT on the table itself; what changed in it is read below the view.",
    Reason.UNLOGGED_TABLE: "A crash empties an unlogged table without a trace; run ALTER TABLE … SET LOGGED.",
    Reason.MATERIALIZED_VIEW: "Make the materialized view a dynamic table.",
}


@dataclass(frozen=True, slots=True)
class FullReason:
    """One reason, in words, with the fragment of SQL that caused it."""

    reason: Reason
    detail: str
    fragment: str | None = None

    @property
    def hint(self) -> str | None:
        """The next step for the person who wrote the definition."""
        return HINTS.get(self.reason)

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


class NotIncremental(Exception):
    """Raised while planning; carries the reason."""

    def __init__(self, reason: Reason, detail: str, fragment: str | None = None) -> None:
        super().__init__(detail)
        self.reason = FullReason(reason, detail, fragment)
