"""What can have happened. A fact is plain and frozen, names tables by id and in words, and holds no rows of theirs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RefreshesRecorded:
    """The history has new or changed rows: those with ids from ``first`` to ``last``, and maybe others between."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class TableCreated:
    """A dynamic table was created."""

    table_id: int


@dataclass(frozen=True, slots=True)
class TableAltered:
    """A dynamic table's name, definition, options, mode or scheduling state changed."""

    table_id: int


@dataclass(frozen=True, slots=True)
class TableDropped:
    """A dynamic table was dropped."""

    table_id: int


@dataclass(frozen=True, slots=True)
class PeopleChanged:
    """People, sign-ins or tokens were changed or removed."""


@dataclass(frozen=True, slots=True)
class QualityChanged:
    """Rules of quality were changed, or checked."""


@dataclass(frozen=True, slots=True)
class AlertsChanged:
    """Alerts have changed, by themselves or by hand; which is read by who wants to know."""


@dataclass(frozen=True, slots=True)
class OperationTold:
    """A web server tells the others of an operation; what it says is theirs to read."""

    text: str


@dataclass(frozen=True, slots=True)
class StatementEnded:
    """A statement of a refresh: what it is for, the rows that it touched, and how long it took."""

    label: str
    rows: int
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Work:
    """What a refresh did: in which run, from when on, over which dynamic tables, and by which statements."""

    run: uuid.UUID
    began_at: datetime
    reads: tuple[int, ...]
    rows_inserted: int
    rows_deleted: int
    statements: tuple[StatementEnded, ...]


@dataclass(frozen=True, slots=True)
class RefreshEnded:
    """The scheduler refreshed a table, or tried to; ``error_code`` and ``error_message`` if that failed.

    ``work``: what was done, if it got so far as to begin.
    """

    table_id: int
    name: str
    state: str
    action: str | None
    reason: str | None
    data_timestamp: datetime | None
    duration_ms: float
    error_code: str | None = None
    error_message: str | None = None
    work: Work | None = None


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run of the scheduler was committed: what came of its tables, in the order of work."""

    run: uuid.UUID
    ended_at: datetime
    refreshes: tuple[RefreshEnded, ...]


@dataclass(frozen=True, slots=True)
class TableFailed:
    """A refresh of a table failed by itself, and not because of what the table reads."""

    table_id: int
    name: str
    error_code: str
    error_message: str


@dataclass(frozen=True, slots=True)
class SourceAltered:
    """A table was computed anew because something that it reads was altered."""

    table_id: int
    name: str


@dataclass(frozen=True, slots=True)
class TableLate:
    """A table's contents became older than its target lag, or were when this process began to lead."""

    table_id: int
    name: str
    lag_seconds: float
    target_seconds: float
    at: datetime


@dataclass(frozen=True, slots=True)
class TableRecovered:
    """A table that was late is within its target lag again."""

    table_id: int
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LeaderChanged:
    """This process leads from now on, in that epoch."""

    epoch: int
    at: datetime


Fact = (
    RefreshesRecorded
    | TableCreated
    | TableAltered
    | TableDropped
    | PeopleChanged
    | QualityChanged
    | AlertsChanged
    | OperationTold
    | RefreshEnded
    | RunEnded
    | TableFailed
    | SourceAltered
    | TableLate
    | TableRecovered
    | LeaderChanged
)
