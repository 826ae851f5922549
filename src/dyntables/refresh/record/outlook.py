"""What a refresh means for its table's future: how long the next one will take, when a failed one is tried again.

A table that fails is tried again after 2, 4, 8 … seconds, at most five minutes. After its number of failures in a row
it is suspended, and with it everything that reads it; then it is tried ever more rarely, at least once an hour, and the
first success resumes them all. Failures of manual refreshes do not count.
"""

from __future__ import annotations

from dyntables.catalog import graph, store
from dyntables.catalog.model import Action, DynamicTable
from dyntables.catalog.parts.schedule import SuspendReason
from dyntables.catalog.past import audit
from dyntables.catalog.state import contents, states
from dyntables.refresh.choice.adaptive import learned
from dyntables.refresh.result import RefreshResult, Work
from dyntables.refresh.run import Run

_WEIGHT = 0.3
_JUMP = 1.0
_LONGEST_RETRY = 300
_LONGEST_PROBE = 3600


def retry_seconds(failures: int, suspend_after: int) -> int:
    """Return after how many seconds a table that has failed that often in a row is tried again."""
    if suspend_after and failures >= suspend_after:
        return int(min(_LONGEST_PROBE, _LONGEST_RETRY * 2 ** min(failures - suspend_after, 10)))
    return int(min(_LONGEST_RETRY, 2 ** min(failures, 10)))


def record_success(run: Run, table: DynamicTable, result: RefreshResult, work: Work) -> None:
    """Move the frontier to the run's snapshot, in its transaction, and learn the duration."""
    contents.record_success(
        run.connection,
        table.id,
        frontier=run.snapshot.frontier,
        data_timestamp=run.data_timestamp,
        system=run.system,
        expected_seconds=expected_after(table, result),
        costs=learned(table, work, result.duration_ms / 1000, run.data_timestamp),
    )
    if table.schedule.suspend_reason is SuspendReason.ERRORS:
        _resume(run, table)


def expected_after(table: DynamicTable, result: RefreshResult) -> float:
    """Return how many seconds the next refresh is expected to take.

    What found no changes says nothing of it, nor does rebuilding a table that is incremental.
    """
    expected, seconds = table.health.expected_seconds, result.duration_ms / 1000
    rebuilt = table.incremental and result.action is Action.REINITIALIZE
    if result.action is Action.NO_DATA or rebuilt:
        return expected
    return moved(expected, seconds) if expected else seconds


def moved(known: float, seen: float) -> float:
    """Return a moving average of seconds after one more of them.

    One event at most doubles it: a table that once took very long must not start far too early for a long time.
    """
    return min(known + _WEIGHT * (seen - known), 2 * known + _JUMP)


def record_cancel(run: Run, table: DynamicTable) -> None:
    """Let the table rest for a target lag before it is tried again."""
    contents.rest(run.connection, table.id)


def record_failure(run: Run, table: DynamicTable) -> None:
    """Count a failure of a scheduled refresh, say when the next try is, and suspend the table after too many."""
    failures = table.health.consecutive_failures + 1
    contents.record_failure(run.connection, table.id, failures, retry_seconds(failures, table.suspend_after))
    if table.suspend_after and failures >= table.suspend_after and not table.schedule.suspended:
        readers = graph.descendants(store.load_all(run.connection), table.id)
        states.suspend_running(run.connection, [table.id], SuspendReason.ERRORS)
        states.suspend_running(run.connection, readers, SuspendReason.UPSTREAM_ERRORS)
        why = {"reason": SuspendReason.ERRORS, "failures": failures}
        audit.record(run.connection, "SUSPEND", table.qualified, why)


def _resume(run: Run, table: DynamicTable) -> None:
    """Resume a table that works again, and the readers above it unless something else still keeps them."""
    tables = store.load_all(run.connection)
    failing = {i for i, t in tables.items() if t.schedule.suspend_reason is SuspendReason.ERRORS and i != table.id}
    resumed = [table.id]
    for reader in graph.descendants(tables, table.id):
        held = graph.ancestors(tables, [reader]) & failing
        if tables[reader].schedule.suspend_reason is SuspendReason.UPSTREAM_ERRORS and not held:
            resumed.append(reader)
    states.resume(run.connection, resumed)
    audit.record(run.connection, "RESUME", table.qualified, {"reason": "its refresh succeeded"})
