"""Why a definition is refreshed in full: machine-readable, logged, shown and tested."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
    READING_FUNCTION = "READING_FUNCTION"
    STABLE_FUNCTION = "STABLE_FUNCTION"
    CURRENT_TIME = "CURRENT_TIME"
    SESSION_FUNCTION = "SESSION_FUNCTION"
    FOREIGN_TABLE = "FOREIGN_TABLE"
    MATERIALIZED_VIEW = "MATERIALIZED_VIEW"
    SYSTEM_TABLE = "SYSTEM_TABLE"
    SYSTEM_COLUMN = "SYSTEM_COLUMN"
    INHERITANCE = "INHERITANCE"
    ROW_SECURITY = "ROW_SECURITY"
    PARTITION = "PARTITION"
    SUBSCRIPTION = "SUBSCRIPTION"
    RIGHTS = "RIGHTS"
    UNLOGGED_TABLE = "UNLOGGED_TABLE"
    WHOLE_ROW = "WHOLE_ROW"
    NO_COLUMNS = "NO_COLUMNS"
    TOO_WIDE = "TOO_WIDE"
    TOO_DEEP = "TOO_DEEP"
    TOO_LARGE = "TOO_LARGE"
    NOT_PLANNED = "NOT_PLANNED"
    SETTING = "SETTING"
    SYNTAX = "SYNTAX"
    NOT_CANONICAL = "NOT_CANONICAL"
    OPERATOR = "OPERATOR"


HINTS: dict[Reason, str] = {
    Reason.SUBQUERY: "Write the subquery as a join, or put it into a dynamic table of its own.",
    Reason.LIMIT: "Write LIMIT and OFFSET as constants.",
    Reason.GROUPING_SETS: "Write several dynamic tables with fewer groupings each.",
    Reason.RECURSIVE: "Put the recursive part into a dynamic table of its own; what reads it stays incremental.",
    Reason.SET_RETURNING_FUNCTION: "Call the function in the select list of a subquery.",
    Reason.SAMPLE: "A sample is another one each time; choose rows by a condition, such as one on a hash of the key.",
    Reason.VOLATILE_FUNCTION: "Declare the function IMMUTABLE if it is, or move it to the reader's query.",
    Reason.READING_FUNCTION: "Write its query into the definition, or declare the function IMMUTABLE if it is.",
    Reason.STABLE_FUNCTION: (
        "Declare the function IMMUTABLE if it is, or ALTER DYNAMIC TABLE … SET TRUST_STABLE_FUNCTIONS = TRUE."
    ),
    Reason.CURRENT_TIME: "now() may stand in WHERE, HAVING and ON; put other uses into the query that reads.",
    Reason.SESSION_FUNCTION: "Write the value into the definition, or put the condition into the query that reads.",
    Reason.FOREIGN_TABLE: "A foreign table has no change capture; copy it into a table first.",
    Reason.PARTITION: "Read the parent, with a condition on its key.",
    Reason.RIGHTS: "Grant the owner SELECT on the table itself; what changed in it is read below the view.",
    Reason.UNLOGGED_TABLE: "A crash empties an unlogged table without a trace; run ALTER TABLE … SET LOGGED.",
    Reason.MATERIALIZED_VIEW: "Make the materialized view a dynamic table.",
    Reason.SYSTEM_TABLE: "Copy what you need of it into a table.",
    Reason.SYSTEM_COLUMN: "A system column changes without the row; read a column of the table's own, such as its key.",
    Reason.SUBSCRIPTION: "Replicated rows fire no statement triggers; read the table where it is published.",
    Reason.INHERITANCE: "Make it a partitioned table, or put the rows of the children together by UNION ALL.",
    Reason.ROW_SECURITY: "Its policies say who may see a row; put them into views over the dynamic table instead.",
    Reason.WHOLE_ROW: "Name the columns, for example as jsonb_build_object('id', t.id).",
    Reason.TOO_WIDE: "Read fewer columns, or split the table into several.",
    Reason.TOO_DEEP: "Put a part of the query into a dynamic table of its own.",
    Reason.TOO_LARGE: "Put parts of the query, such as what is read often, into dynamic tables of their own.",
    Reason.NOT_PLANNED: "This is a fault of dyntables: please report it with the definition.",
    Reason.NO_COLUMNS: "Give the table a column, such as a key.",
    Reason.SETTING: "Run ALTER DYNAMIC TABLE … SET EXTRA_FLOAT_DIGITS = 1.",
    Reason.SYNTAX: "Write this part of the query in another way, or compute it in the query that reads.",
    Reason.OPERATOR: "Write the comparison with its operator, as a OPERATOR(public.=) b, and that of rows by columns.",
    Reason.NOT_CANONICAL: "Write this part of the query in another way, or compute it in the query that reads.",
}


@dataclass(frozen=True, slots=True)
class FullReason:
    """One reason, in words, with the fragment of SQL that caused it, and advice that fits better than the usual."""

    reason: Reason
    detail: str
    fragment: str | None = None
    advice: str | None = None

    @property
    def hint(self) -> str:
        """The next step for the person who wrote the definition."""
        return self.advice or HINTS[self.reason]

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


class NotIncremental(Exception):
    """Raised while planning; carries the reason."""

    def __init__(self, reason: Reason, detail: str, fragment: str | None = None, *, advice: str | None = None) -> None:
        super().__init__(detail)
        self.reason = FullReason(reason, detail, fragment, advice)


@contextmanager
def placed(fragment: str) -> Iterator[None]:
    """Let a reason that is found inside have a place, if it has none of its own."""
    try:
        yield
    except NotIncremental as error:
        if error.reason.fragment is None:
            error.reason = replace(error.reason, fragment=fragment)
        raise
