"""The state of one run while it goes on, and how a table of it ends without success."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dyntables import clock
from dyntables.catalog import Connection, graph
from dyntables.catalog.model import Action, DynamicTable, RefreshReason, RefreshState, Trigger
from dyntables.engines.port import Engine, Snapshot, Workspace
from dyntables.errors import DyntablesError, RefreshError
from dyntables.refresh.choice.adaptive import counts
from dyntables.refresh.choice.choose import Choice
from dyntables.refresh.choice.decision import Decision, FromChanges, Rebuild
from dyntables.refresh.choice.patience import Patience
from dyntables.refresh.quality.watching import Watching, watch
from dyntables.refresh.record.progress import Progress
from dyntables.refresh.result import RefreshResult, Work
from dyntables.refresh.sources.present import Present, look


@dataclass(slots=True)
class Attempt:
    """One table's refresh while it is at work: what it is about to do, so that it can be said how it ended.

    ``patience``: with the changes, if that has an end. ``frozen``: rows that the boundary of the frozen region has
    passed. ``blocked``: the seconds that the connection had waited for locks before. ``anyway``: it is published though
    it breaks rules. ``watching``: its rules, if it has some, from the moment on at which there are new rows.
    ``without_rules``: it was found to have none, which the snapshot keeps so.
    """

    table: DynamicTable
    began: float
    blocked: float
    decision: Decision | None = None
    patience: Patience | None = None
    frozen: int = 0
    anyway: bool = False
    watching: Watching | None = None
    without_rules: bool = False

    @property
    def work(self) -> Work | None:
        """What was begun, for the history of a refresh that did not succeed."""
        if self.decision is None:
            return None
        changes = self.decision.changes if isinstance(self.decision, FromChanges | Rebuild) else {}
        return Work(
            self.decision.action,
            self.decision.reason,
            changes=counts(changes),
            statements=ended(self.decision),
            choice=self.decision.choice,
        )


@dataclass(slots=True)
class Run:
    """The state of one run while it is going on."""

    connection: Connection
    engine: Engine
    trigger: Trigger
    snapshot: Snapshot
    tables: dict[int, DynamicTable]
    held: frozenset[int]
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    results: dict[int, RefreshResult] = field(default_factory=dict)
    attempt: Attempt | None = None
    waited_ms: float = 0.0
    progress: Progress = field(init=False)
    _present: Present | None = None

    def __post_init__(self) -> None:
        self.progress = Progress(self.engine.session)

    @property
    def data_timestamp(self) -> datetime:
        """As of when the tables are after it."""
        return self.snapshot.instant

    @property
    def system(self) -> str:
        """The server and database at work."""
        return self.snapshot.system

    def watch(self, table: DynamicTable) -> Watching | None:
        """Return what watches a table while it is refreshed, None if it has no rules."""
        assert self.attempt is not None
        if self.attempt.without_rules:
            return None
        found = watch(self.connection, self.engine, table, blocks=not self.attempt.anyway)
        self.attempt.without_rules = found is None
        return found

    def workspace(self, table: DynamicTable) -> Workspace:
        """Return where to work on a table with its owner's rights, for statements with the definition in them."""
        return self.engine.workspace(table.owner, table.definition.settings)

    def comparing(self, table: DynamicTable) -> Workspace:
        """Return where to work on a table under settings by which values that differ print differently."""
        self.engine.session.set({"extra_float_digits": "1"})
        return self.engine.workspace(table.owner)

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


def ended(decision: Decision) -> tuple[dict[str, Any], ...]:
    """Return, as a statement of the history, the message with which a refresh by changes ended before a rebuild."""
    if not isinstance(decision, Rebuild) or decision.ended is None:
        return ()
    return ({"label": decision.ended, "rows": 0, "ms": 0.0},)


def instead(decision: Decision | None, reason: RefreshReason, message: str) -> Rebuild:
    """Return the rebuild that takes the place of a refresh by changes, which ended with a message."""
    changes = decision.changes if isinstance(decision, FromChanges | Rebuild) else {}
    known = (decision.choice if decision is not None else None) or Choice(Action.REINITIALIZE, None, None, "")
    choice = replace(known, action=Action.REINITIALIZE, why=f"incremental failed: {message}")
    return Rebuild(reason, changes, choice, message)


def result_of(attempt: Attempt, state: RefreshState, work: Work | None, **more: Any) -> RefreshResult:
    """Return what an attempt came to."""
    table = attempt.table
    return RefreshResult(table.id, table.schema, table.name, state, work, **more)


def failed(run: Run, attempt: Attempt, error: DyntablesError) -> RefreshResult:
    """Return the result of a table that kept its contents because of an error."""
    return result_of(attempt, RefreshState.FAILED, attempt.work, error=error, failed_statement=run.progress.statement)


def cancelled(run: Run, attempt: Attempt) -> RefreshResult:
    """Return the result of a table whose refresh somebody stopped."""
    return replace(failed(run, attempt, _cancelled(attempt.table.qualified)), state=RefreshState.CANCELLED)


def undone(run: Run, result: RefreshResult) -> RefreshResult:
    """Return the result of a table that was done, and lost it when the run was stopped as a whole."""
    return replace(
        result,
        state=RefreshState.CANCELLED,
        error=_cancelled(result.qualified),
        failed_statement=run.progress.statement,
        data_timestamp=None,
    )


def _cancelled(name: str) -> RefreshError:
    return RefreshError(
        f'the refresh of "{name}" was cancelled',
        hint="It keeps its previous contents. The scheduler waits for a target lag before it tries again.",
        sqlstate="57014",
    )


def timed_out(run: Run, table: DynamicTable) -> bool:
    """Tell whether a statement was stopped by the table's own timeout; the server's message depends on its language."""
    limit = table.definition.options.limits.get("STATEMENT_TIMEOUT")
    return limit is not None and clock.monotonic() - run.progress.step_started >= float(limit.removesuffix("s")) * 0.99
