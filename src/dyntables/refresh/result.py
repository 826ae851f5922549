"""What one refresh of one table came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dyntables.catalog.model import Action, RefreshReason, RefreshState
from dyntables.errors import DyntablesError
from dyntables.refresh.choice.choose import Choice
from dyntables.refresh.choice.form import Form
from dyntables.refresh.choice.patience import Patience
from dyntables.refresh.choice.tactics import Tried


@dataclass(slots=True)
class RefreshResult:
    """One table's part in a run; durations in milliseconds. ``source_rows``: of all sources, if it was looked up.

    ``duration_ms`` is of its work alone, ``blocked_ms`` what it waited for locks of other sessions meanwhile.

    ``patience`` with an incremental refresh, if it has an end; ``spent``: seconds of one that was given up.

    ``frozen``: rows that the boundary of the frozen region has passed.
    ``rows``: of the table after a full refresh; ``form_tried``: what was begun, where another form did the work.
    ``tried``: what is known of the ways to compute the query; ``trial``: one of them was being tried.
    """

    table_id: int
    schema: str
    name: str
    state: RefreshState
    action: Action | None = None
    reason: RefreshReason | None = None
    rows_inserted: int = 0
    rows_deleted: int = 0
    duration_ms: float = 0.0
    blocked_ms: float = 0.0
    data_timestamp: datetime | None = None
    source_changes: dict[str, int] = field(default_factory=dict)
    statements: list[dict[str, Any]] = field(default_factory=list)
    error: DyntablesError | None = None
    choice: Choice | None = None
    source_rows: int | None = None
    patience: Patience | None = None
    spent: float = 0.0
    full_form: Form | None = None
    form_tried: Form | None = None
    tried: Tried | None = None
    trial: bool = False
    rows: int | None = None
    failed_statement: str | None = None
    frozen: int = 0

    @property
    def qualified(self) -> str:
        """``schema.name``, for people."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Verification:
    """The comparison of a table with its definition at one instant."""

    schema: str
    name: str
    equal: bool
    missing_rows: int
    extra_rows: int
    data_timestamp: datetime | None
    refresh: RefreshResult
    frozen_rows: int | None = None
