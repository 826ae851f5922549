"""Write what came of a run into the history."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from dyntables.catalog.model import Action, RefreshReason, RefreshState, Trigger
from dyntables.engines.postgres.connection.errors import without_values
from dyntables.refresh.record.repeats import Repeat, write_repeats

if TYPE_CHECKING:
    from dyntables.refresh.result import RefreshResult
    from dyntables.refresh.run import Run


def write_history(run: Run) -> None:
    """Add a row for each table of the run, or to that of the runs before where nothing was found again."""
    repeated = [r for r in run.results.values() if _found_nothing(run, r)]
    if repeated:
        row = run.connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        write_repeats(run.connection, [_repeat(run, r, row[0]) for r in repeated])
    with run.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO dyntables.refresh (dynamic_table_id, run, trigger, state, action, reason, data_timestamp, "
            "started_at, ended_at, duration_ms, rows_inserted, rows_deleted, source_changes, statements, error, "
            "target_lag_seconds, previous_data_timestamp, full_form, estimated_incremental_ms, estimated_full_ms, "
            "choice, waited_ms, error_values) VALUES (%s, %s, %s, %s, %s, %s, %s, "
            "clock_timestamp() - %s * interval '1 ms', clock_timestamp(), "
            "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [_row(run, result) for result in run.results.values() if result not in repeated],
        )


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
        table.target_lag_seconds,
        data_timestamp=result.data_timestamp,
        run=run.id,
    )


def _row(run: Run, result: RefreshResult) -> tuple[Any, ...]:
    table, error, choice = run.tables[result.table_id], _error(result), result.choice
    estimates: tuple[Any, ...] = (None, None, None)
    if choice is not None:
        estimates = (*(s and s * 1000 for s in (choice.incremental, choice.full)), choice.why)
    return (
        result.table_id, run.id, run.trigger, result.state, result.action, result.reason,
        result.data_timestamp, result.duration_ms + result.blocked_ms, result.duration_ms, result.rows_inserted,
        result.rows_deleted, Jsonb(result.source_changes), Jsonb(result.statements),
        Jsonb(error) if error else None, table.target_lag_seconds, table.fresh_at, result.full_form, *estimates,
        run.waited_ms + result.blocked_ms, _values(result),
    )  # fmt: skip


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


def _values(result: RefreshResult) -> Jsonb | None:
    """Return what an error says of values, for those who may read them."""
    error = result.error
    if error is None or without_values(error) == (error.message, error.detail):
        return None
    return Jsonb({"message": error.message, "detail": error.detail})
