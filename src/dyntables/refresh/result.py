"""What one refresh of one table came to: made once, when it has ended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dyntables.catalog.model import Action, RefreshReason, RefreshState
from dyntables.errors import DyntablesError
from dyntables.refresh.choice.choose import Choice
from dyntables.refresh.choice.form import Form
from dyntables.refresh.choice.tactics import Tried


@dataclass(frozen=True, slots=True)
class Computed:
    """A whole query's rows, and what is known now of the ways to compute it; ``trial``: one was being tried."""

    rows: int
    tried: Tried | None = None
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A full refresh.

    ``began``: the form that was begun, where another did the work. ``source_rows``: estimated, of all sources.
    ``spent``: seconds of a refresh by changes that was given up before it.
    """

    form: Form
    computed: Computed
    began: Form | None = None
    source_rows: int = 0
    spent: float = 0.0


@dataclass(frozen=True, slots=True)
class Work:
    """What was done to a table's contents, and why; of a refresh that failed, what it was about to do.

    ``changes``: rows by source. ``frozen``: rows that the boundary of the frozen region has passed.
    """

    action: Action
    reason: RefreshReason
    rows_inserted: int = 0
    rows_deleted: int = 0
    changes: Mapping[str, int] = field(default_factory=dict)
    statements: tuple[Mapping[str, Any], ...] = ()
    choice: Choice | None = None
    rebuilt: Rebuilt | None = None
    frozen: int = 0


@dataclass(frozen=True, slots=True)
class Began:
    """In which run the work on a table began, when, and over which dynamic tables, by id."""

    run: uuid.UUID
    at: datetime
    reads: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """One table's part in a run; durations in milliseconds.

    ``duration_ms`` is of its work alone, ``blocked_ms`` what it waited for locks of other sessions meanwhile.
    """

    table_id: int
    schema: str
    name: str
    state: RefreshState
    work: Work | None = None
    duration_ms: float = 0.0
    blocked_ms: float = 0.0
    data_timestamp: datetime | None = None
    error: DyntablesError | None = None
    failed_statement: str | None = None
    began: Began | None = None

    @property
    def qualified(self) -> str:
        """``schema.name``, for people."""
        return f"{self.schema}.{self.name}"

    @property
    def action(self) -> Action | None:
        """What it did, or was about to do; None if it did not get so far."""
        return self.work.action if self.work is not None else None

    @property
    def reason(self) -> RefreshReason | None:
        """Why it did so, or ended as it did."""
        if self.state is RefreshState.FAILED:
            return RefreshReason.ERROR
        if self.state is RefreshState.CANCELLED:
            return RefreshReason.CANCELLED
        return self.work.reason if self.work is not None else None

    @property
    def rows_inserted(self) -> int:
        """Rows that were added; none if it failed."""
        return self.work.rows_inserted if self.work is not None and self._succeeded else 0

    @property
    def rows_deleted(self) -> int:
        """Rows that were taken away; none if it failed."""
        return self.work.rows_deleted if self.work is not None and self._succeeded else 0

    @property
    def swapped(self) -> bool:
        """Whether it has put new storage in the place of the present one, which nobody needs any more."""
        rebuilt = self.work.rebuilt if self.work is not None and self._succeeded else None
        return rebuilt is not None and rebuilt.form is Form.SWAP

    @property
    def _succeeded(self) -> bool:
        return self.state is RefreshState.SUCCEEDED


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
