"""What a leader tells of: refreshes that ended, and tables that become late or are within their target lag again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from dyntables.catalog.model import DynamicTable, RefreshReason, RefreshState
from dyntables.catalog.parts.dependency import Dependency
from dyntables.catalog.parts.schedule import SuspendReason
from dyntables.errors import without_values
from dyntables.events import (
    Fact,
    RefreshEnded,
    RunEnded,
    SourceAltered,
    StatementEnded,
    TableFailed,
    TableLate,
    TableRecovered,
    Work,
)
from dyntables.health.lag import is_late, lag_at
from dyntables.health.targets import effective_targets
from dyntables.refresh.result import RefreshResult

_EVERY = timedelta(seconds=0.5)
_BY_ERRORS = (SuspendReason.ERRORS, SuspendReason.UPSTREAM_ERRORS)


def facts_of(results: Sequence[RefreshResult], now: datetime) -> Iterable[Fact]:
    """Yield what a run that has been committed came to."""
    ended = [_ended(result) for result in results]
    for result, fact in zip(results, ended, strict=True):
        yield fact
        if result.state is RefreshState.FAILED and fact.error_code is not None:
            yield TableFailed(result.table_id, result.qualified, fact.error_code, fact.error_message or "")
        if result.reason is RefreshReason.SOURCE_ALTERED:
            yield SourceAltered(result.table_id, result.qualified)
    run = next((result.began.run for result in results if result.began is not None), None)
    if run is not None:
        yield RunEnded(run, now, tuple(ended))


def _ended(result: RefreshResult) -> RefreshEnded:
    error = result.error
    return RefreshEnded(
        result.table_id,
        result.qualified,
        result.state,
        result.action,
        result.reason,
        result.data_timestamp,
        result.duration_ms,
        error.code if error is not None else None,
        # Whoever listens may not be one who may read the rows.
        without_values(error)[0] if error is not None else None,
        _work(result),
    )


def _work(result: RefreshResult) -> Work | None:
    began = result.began
    if began is None:
        return None
    done = result.work.statements if result.work is not None else ()
    statements = tuple(StatementEnded(s["label"], s["rows"], s["ms"]) for s in done)
    return Work(began.run, began.at, began.reads, result.rows_inserted, result.rows_deleted, statements)


class Lateness:
    """Which tables are late, as far as it was told; ``publish`` hears of every change."""

    def __init__(self, publish: Callable[[Fact], None]) -> None:
        self._publish = publish
        self._late: set[int] = set()
        self._looked_at: datetime | None = None
        self._known: list[tuple[int, int | None, tuple[Dependency, ...]]] = []
        self._targets: dict[int, int | None] = {}

    def look(self, tables: Mapping[int, DynamicTable], now: datetime) -> None:
        """Compare with the last look; what was looked at a moment ago is not looked at again.

        A table that somebody suspends, or that is dropped, is neither late nor recovered from then on.
        """
        if self._looked_at is not None and timedelta() <= now - self._looked_at < _EVERY:
            return
        self._looked_at = now
        targets = self._targets_of(tables)
        watched = {i for i, table in tables.items() if _is_watched(table)}
        self._late &= watched
        for table_id in sorted(watched):
            table, target = tables[table_id], targets[table_id]
            lag = lag_at(table.fresh_at, now)
            late = is_late(lag, target)
            if late and table_id not in self._late:
                assert lag is not None
                assert target is not None
                self._late.add(table_id)
                self._publish(TableLate(table_id, table.qualified, lag, target, now))
            elif not late and table_id in self._late:
                self._late.remove(table_id)
                self._publish(TableRecovered(table_id, table.qualified, now))

    def _targets_of(self, tables: Mapping[int, DynamicTable]) -> Mapping[int, int | None]:
        """Return the effective targets, computed again only if anything that they follow from has changed."""
        known = [(i, table.schedule.target_lag_seconds, table.dependencies) for i, table in tables.items()]
        if known != self._known:
            self._known, self._targets = known, effective_targets(tables)
        return self._targets


def _is_watched(table: DynamicTable) -> bool:
    """Tell whether a table should be fresh: it is suspended by nobody, unless for its errors."""
    schedule = table.schedule
    return schedule.scheduled and (not schedule.suspended or schedule.suspend_reason in _BY_ERRORS)
