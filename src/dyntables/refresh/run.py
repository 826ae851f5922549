"""The state of one run while it goes on, and how a table of it ends without success."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime

import psycopg

from dyntables import clock
from dyntables.catalog import graph
from dyntables.catalog.model import Action, DynamicTable, RefreshReason, RefreshState, Trigger
from dyntables.engines.postgres.connection.session import set_local
from dyntables.engines.postgres.connection.settings import spoken_settings
from dyntables.engines.postgres.rights.hands import Hands, hands_of
from dyntables.errors import DyntablesError, RefreshError
from dyntables.refresh.choice.choose import Choice
from dyntables.refresh.record.progress import Progress
from dyntables.refresh.result import RefreshResult
from dyntables.refresh.sources.present import Present, look


@dataclass(slots=True)
class Run:
    """The state of one run while it is going on."""

    connection: psycopg.Connection
    trigger: Trigger
    snapshot: str
    data_timestamp: datetime
    system: str
    tables: dict[int, DynamicTable]
    held: frozenset[int]
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    results: dict[int, RefreshResult] = field(default_factory=dict)
    rebuilt: list[int] = field(default_factory=list)
    waited_ms: float = 0.0
    progress: Progress = field(init=False)
    _present: Present | None = None

    def __post_init__(self) -> None:
        self.progress = Progress(self.connection)

    def hands(self, table: DynamicTable) -> Hands:
        """Return the hands of a table's owner, for statements with the definition in them."""
        return hands_of(self.connection, table.owner, spoken_settings(table.settings))

    def comparing_hands(self, table: DynamicTable) -> Hands:
        """Return the hands of a table's owner, under settings by which values that differ print differently."""
        set_local(self.connection, {"extra_float_digits": "1"})
        return hands_of(self.connection, table.owner)

    @property
    def present(self) -> Present:
        """The sources of all tables of the run; looked at again after one of them was built anew."""
        if self._present is None:
            self._present = look(self.connection, list(self.tables.values()))
        return self._present

    def forget_present(self) -> None:
        """Have the sources looked at again."""
        self._present = None

    def has_readers(self, table_id: int) -> bool:
        """Tell whether an incremental table reads this one."""
        return any(self.tables[c].incremental for c in graph.consumers(self.tables, table_id))

    def columns_read(self, table_id: int) -> frozenset[str]:
        """Return the columns of a table that incremental tables read."""
        readers = (self.tables[c] for c in graph.consumers(self.tables, table_id))
        return frozenset(
            column
            for reader in readers
            if reader.incremental
            for dependency in reader.dependencies
            if dependency.upstream == table_id
            for column in dependency.columns
        )


def fail(result: RefreshResult, error: DyntablesError, run: Run) -> None:
    """Say in a result that its table kept its contents because of an error."""
    result.state, result.reason, result.error = RefreshState.FAILED, RefreshReason.ERROR, error
    result.rows_inserted = result.rows_deleted = 0
    result.failed_statement = run.progress.statement


def instead(result: RefreshResult, reason: RefreshReason, message: str) -> None:
    """Turn from a refresh by changes, which ended with a message, to a rebuild."""
    result.action, result.reason = Action.REINITIALIZE, reason
    result.statements = [{"label": message, "rows": 0, "ms": 0.0}]
    known = result.choice or Choice(Action.REINITIALIZE, None, None, "")
    result.choice = replace(known, action=Action.REINITIALIZE, why=f"incremental failed: {message}")


def cancel(result: RefreshResult, run: Run) -> None:
    """Say in a result that somebody stopped its refresh."""
    error = RefreshError(
        f'the refresh of "{result.qualified}" was cancelled',
        hint="It keeps its previous contents. The scheduler waits for a target lag before it tries again.",
        sqlstate="57014",
    )
    fail(result, error, run)
    result.state, result.reason = RefreshState.CANCELLED, RefreshReason.CANCELLED


def timed_out(run: Run, table: DynamicTable) -> bool:
    """Tell whether a statement was stopped by the table's own timeout; the server's message depends on its language."""
    limit = table.options.get("limits", {}).get("STATEMENT_TIMEOUT")
    return limit is not None and clock.monotonic() - run.progress.step_started >= float(limit.removesuffix("s")) * 0.99
