"""The refresh of one table in a run: decide, do it, and say what came of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Protocol

from dyntables import clock
from dyntables.catalog import graph
from dyntables.catalog.model import Action, DynamicTable, RefreshReason, RefreshState
from dyntables.catalog.state.fingerprints import rewritten
from dyntables.errors import (
    CancelledError,
    ConflictError,
    DyntablesError,
    ExpressionError,
    InvariantError,
    LockNotAvailableError,
    RebuildNeededError,
    RefreshError,
    without_values,
)
from dyntables.refresh.choice.adaptive import given_up
from dyntables.refresh.choice.decision import FromChanges, Nothing, Rebuild, decide
from dyntables.refresh.evidence import Counted
from dyntables.refresh.full.frozen import freeze
from dyntables.refresh.full.rebuild import rebuild
from dyntables.refresh.incremental import apply_changes, do_nothing
from dyntables.refresh.limits import pinned
from dyntables.refresh.result import Began, RefreshResult, Work
from dyntables.refresh.run import Attempt, Run, cancelled, failed, instead, result_of, timed_out
from dyntables.refresh.sources.naming import renamed
from dyntables.refresh.sources.plans import PlanCache
from dyntables.refresh.sources.rights import check_rights


class Check(Protocol):
    """Looks at the new contents of a table, at the run's snapshot and in the table's savepoint, before it is recorded.

    It raises what makes the refresh fail: the table keeps the contents that it had.
    """

    def __call__(self, run: Run, table: DynamicTable, work: Work) -> None:
        """Look at a table of a run after the work on it."""
        ...


class Refreshing:
    """Refreshes the tables of one run, one after the other."""

    def __init__(
        self,
        run: Run,
        plans: PlanCache,
        blocked: Callable[[], float],
        checks: Sequence[Check],
        anyway: Collection[int],
    ) -> None:
        """Begin with a run; ``anyway``: tables that are published though they break rules."""
        self._run, self._plans, self._blocked, self._checks, self._anyway = run, plans, blocked, checks, anyway

    def table(self, table: DynamicTable) -> RefreshResult:
        """Refresh a table, unless one that it reads could not be; return what came of it."""
        reads = graph.upstream(self._run.tables, table.id)
        below = [self._run.results[u] for u in reads if u in self._run.results]
        broken = next((r for r in below if r.state is not RefreshState.SUCCEEDED), None)
        if broken is not None:
            return _held_back(table, broken)
        began = Began(self._run.id, clock.now(), tuple(reads))
        attempt = self._run.attempt = Attempt(
            table, clock.monotonic(), self._blocked(), anyway=table.id in self._anyway
        )
        result = self._ended(attempt)
        elapsed = (clock.monotonic() - attempt.began) * 1000
        blocked = min(elapsed, (self._blocked() - attempt.blocked) * 1000)
        self._run.attempt = None
        return replace(result, blocked_ms=blocked, duration_ms=elapsed - blocked, began=began)

    def _ended(self, attempt: Attempt) -> RefreshResult:
        """Refresh one table in a savepoint; say how that ended."""
        table = attempt.table
        try:
            with self._run.engine.session.savepoint():
                work = self._refresh(attempt)
                if work.action is not Action.NO_DATA:
                    self._check_names(table)
                for check in self._checks:
                    check(self._run, table, work)
            return result_of(attempt, RefreshState.SUCCEEDED, work, data_timestamp=self._run.data_timestamp)
        except ConflictError:
            raise
        except CancelledError as error:
            return failed(self._run, attempt, error) if timed_out(self._run, table) else cancelled(self._run, attempt)
        except DyntablesError as error:
            if self._run.connection.closed:
                raise
            return failed(self._run, attempt, error)

    def _check_names(self, table: DynamicTable) -> None:
        """See that what was read is still what the definition names; from here on, our locks keep it so.

        Raises:
            ConflictError: it is not; the run begins anew.
        """
        if rewritten(self._run.connection, table.id):
            raise ConflictError(f'a table that "{table.qualified}" reads was rewritten while the refresh began')
        if renamed(self._run.connection, [table]):
            raise ConflictError(f'what the definition of "{table.qualified}" names was renamed while the refresh ran')

    def _refresh(self, attempt: Attempt) -> Work:
        table = attempt.table
        showing = {"application_name": self._run.progress.begin(table.id, table.health.expected_seconds)}
        check_rights(self._run, table)
        self._run.engine.session.pin({**pinned(table), **showing})
        table, attempt.frozen = freeze(self._run, table)
        attempt.table = table
        blocked = self._blocked()
        try:
            work = self._by_changes(attempt)
            if work is not None:
                # What was frozen left what is maintained, and not the table.
                return replace(work, rows_deleted=max(0, work.rows_deleted - attempt.frozen), frozen=attempt.frozen)
        except InvariantError as error:
            attempt.decision = instead(attempt.decision, RefreshReason.INVARIANT_VIOLATED, str(error))
        except RebuildNeededError as error:
            attempt.decision = instead(attempt.decision, RefreshReason.RECURSION_NEEDS_REBUILD, str(error))
        except CancelledError:
            waited = self._blocked() - blocked
            given = attempt.decision and given_up(attempt.decision, attempt.patience, waited)
            if not given:
                raise
            attempt.decision = given
        except ExpressionError as error:
            # Changes pass through values of no state; if the definition itself is at fault, the rebuild fails as well.
            attempt.decision = instead(attempt.decision, RefreshReason.EXPRESSION_FAILED, without_values(error)[0])
        return self._anew(attempt)

    def _by_changes(self, attempt: Attempt) -> Work | None:
        """Decide, and refresh by changes if these are enough; None if everything is to be computed.

        If the work by changes only waited for somebody's lock, it is done again, and then it may wait.
        """
        known = Counted(self._run, attempt.table, self._plans)
        try:
            with self._run.engine.session.savepoint():
                decision = attempt.decision = decide(attempt.table, known)
                if isinstance(decision, Nothing):
                    return do_nothing(self._run, attempt.table, decision)
                if isinstance(decision, Rebuild):
                    return None
                return apply_changes(self._run, attempt, decision, known, self._plans)
        except LockNotAvailableError:
            if attempt.patience is None or attempt.patience.own_wait is not None:
                raise
            assert isinstance(attempt.decision, FromChanges)
            with self._run.engine.session.savepoint():
                return apply_changes(self._run, attempt, attempt.decision, known, self._plans, patient=True)

    def _anew(self, attempt: Attempt) -> Work:
        """Compute everything anew, as decided."""
        decision = attempt.decision
        assert isinstance(decision, Rebuild)
        self._run.engine.locks.own_storage(attempt.table.id)
        self._run.progress.action = decision.action
        if decision.choice is not None and decision.choice.full is not None:
            self._run.progress.expected_seconds = decision.choice.full
        self._run.forget_present()
        return rebuild(self._run, attempt.table, self._plans, decision, attempt.frozen)


def _held_back(table: DynamicTable, below: RefreshResult) -> RefreshResult:
    """Return the result of a table that was not refreshed because one that it reads failed."""
    error = RefreshError(
        f'"{table.qualified}" was not refreshed because "{below.qualified}" failed',
        hint="It recovers by itself when the table that it reads is refreshed.",
    )
    work = Work(Action.NO_DATA, RefreshReason.UPSTREAM_FAILED)
    return RefreshResult(table.id, table.schema, table.name, RefreshState.UPSTREAM_FAILED, work, error=error)
