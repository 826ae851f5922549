"""Write what came of a run into the history."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dyntables.catalog.model import Action, RefreshReason, RefreshState, Trigger
from dyntables.catalog.past import history
from dyntables.catalog.past.history import Done, Entry, Estimates, Times
from dyntables.errors import without_values
from dyntables.refresh.choice.choose import Choice
from dyntables.refresh.record.repeats import Repeat, write_repeats
from dyntables.refresh.result import RefreshResult
from dyntables.refresh.run import Run


def write_history(run: Run) -> None:
    """Add a row for each table of the run, or to that of the runs before where nothing was found again."""
    repeated = [r for r in run.results.values() if _found_nothing(run, r)]
    if repeated:
        now = history.now(run.connection)
        write_repeats(run.connection, [_repeat(run, r, now) for r in repeated])
    history.add(run.connection, [_entry(run, r) for r in run.results.values() if r not in repeated])


def _found_nothing(run: Run, result: RefreshResult) -> bool:
    kind = (run.trigger, result.state, result.action, result.reason)
    return kind == (Trigger.SCHEDULED, RefreshState.SUCCEEDED, Action.NO_DATA, RefreshReason.NO_CHANGES)


def _repeat(run: Run, result: RefreshResult, ended: datetime) -> Repeat:
    table = run.tables[result.table_id]
    return Repeat(
        table.id,
        RefreshState.SUCCEEDED,
        RefreshReason.NO_CHANGES,
        ended - timedelta(milliseconds=result.duration_ms + result.blocked_ms),
        ended,
        table.fresh_at,
        table.schedule.target_lag_seconds,
        data_timestamp=result.data_timestamp,
        run=run.id,
    )


def _entry(run: Run, result: RefreshResult) -> Entry:
    table, work = run.tables[result.table_id], result.work
    return Entry(
        table_id=table.id,
        run=run.id,
        kind=(run.trigger, result.state, result.action, result.reason),
        data_timestamp=result.data_timestamp,
        times=Times(result.duration_ms, result.blocked_ms, run.waited_ms),
        done=_done(result),
        error=_error(result),
        error_values=_values(result),
        target_lag_seconds=table.schedule.target_lag_seconds,
        fresh_at=table.fresh_at,
        estimates=_estimates(work.choice if work is not None else None),
    )


def _done(result: RefreshResult) -> Done:
    rows, work = (result.rows_inserted, result.rows_deleted), result.work
    if work is None:
        return Done(rows)
    form = work.rebuilt.form if work.rebuilt is not None else None
    return Done(rows, work.changes, work.statements, form)


def _estimates(choice: Choice | None) -> Estimates:
    if choice is None:
        return Estimates()
    incremental, full = (seconds and seconds * 1000 for seconds in (choice.incremental, choice.full))
    return Estimates(incremental, full, choice.why)


def _error(result: RefreshResult) -> dict[str, Any] | None:
    """Return a refresh's error with the statement that failed, and without values: more may read it than the rows."""
    if result.error is None:
        return None
    message, detail = without_values(result.error)
    return {
        "code": result.error.code,
        "message": message,
        "detail": detail,
        "hint": result.error.hint,
        "sqlstate": result.error.sqlstate,
        "statement": result.failed_statement,
    }


def _values(result: RefreshResult) -> dict[str, Any] | None:
    """Return what an error says of values, for those who may read them."""
    error = result.error
    if error is None or without_values(error) == (error.message, error.detail):
        return None
    return {"message": error.message, "detail": error.detail}
