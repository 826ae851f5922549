"""Judge a table: a pure function of what is known of it."""

from __future__ import annotations

from collections.abc import Mapping

from dyntables.catalog import graph
from dyntables.catalog.model import DynamicTable as Row
from dyntables.refresh.record.outlook import SUSPENDED_DUE_TO_ERRORS
from dyntables.server.schemas.tables import Health, HealthCause, LastRefresh, RunningRefresh, Status

_ORDER = list(Health)
_FAR = 2
_MOMENT = 2.0


def effective_targets(tables: Mapping[int, Row]) -> dict[int, int | None]:
    """Return each table's target lag; that of a DOWNSTREAM table is the shortest of those that read it."""
    found: dict[int, int | None] = {}
    readers = readers_of(tables)
    for table_id in reversed(graph.topological(tables, tables)):
        own = tables[table_id].target_lag_seconds
        above = [found[r] for r in readers[table_id]]
        found[table_id] = own if own is not None else min((b for b in above if b is not None), default=None)
    return found


def readers_of(tables: Mapping[int, Row]) -> dict[int, list[int]]:
    """Return, for each table, the tables that read it directly."""
    found: dict[int, list[int]] = {table_id: [] for table_id in tables}
    for table_id in tables:
        for parent in graph.upstream(tables, table_id):
            found[parent].append(table_id)
    return found


def judge(
    table: Row, last: LastRefresh | None, lag: float | None, target: int | None, at_work: RunningRefresh | None = None
) -> tuple[Status, Health, list[HealthCause]]:
    """Return a table's status, its health as the worst of all causes, and the causes."""
    found = (_lock(at_work), _refresh(table, last), _freshness(table, lag, target), _schedule(table, target))
    causes = [c for c in found if c]
    health = max((c.health for c in causes), key=_ORDER.index, default=Health.HEALTHY)
    return _status(table, last, lag, target), health, causes


def _status(table: Row, last: LastRefresh | None, lag: float | None, target: int | None) -> Status:
    if table.scheduling_state == "SUSPENDED" and table.suspend_reason != SUSPENDED_DUE_TO_ERRORS:
        return Status.SUSPENDED
    if table.consecutive_failures or (last is not None and last.state in ("FAILED", "UPSTREAM_FAILED")):
        return Status.FAILING
    if table.data_timestamp is None:
        return Status.NOT_INITIALIZED
    return Status.LATE if lag is not None and target is not None and lag > target else Status.FRESH


def _lock(at_work: RunningRefresh | None) -> HealthCause | None:
    if at_work is None or not at_work.blockers or at_work.seconds < _MOMENT:
        return None
    # Whoever waits for nobody is at the end of the chain.
    holder = next((b for b in at_work.blockers if not b.blocked_by), at_work.blockers[0])
    who = ", ".join(part for part in (holder.user, holder.application) if part)
    query = f": {holder.query}" if holder.query else ""
    message = f"its refresh waits for a lock of session {holder.process_id} ({who}), {holder.state}{query}"
    return HealthCause(aspect="lock", health=Health.WARNING, message=message)


def _refresh(table: Row, last: LastRefresh | None) -> HealthCause | None:
    if last is None or last.state not in ("FAILED", "UPSTREAM_FAILED"):
        return None
    health = Health.CRITICAL if last.state == "FAILED" else Health.WARNING
    times = f" ({table.consecutive_failures} times in a row)" if table.consecutive_failures > 1 else ""
    message = f"the last refresh failed{times}: {last.error_message or 'no message'}"
    return HealthCause(aspect="refresh", health=health, message=message)


def _freshness(table: Row, lag: float | None, target: int | None) -> HealthCause | None:
    if lag is None:
        return HealthCause(aspect="freshness", health=Health.UNKNOWN, message="it has no contents yet")
    if target is None or lag <= target:
        return None
    health = Health.CRITICAL if lag > _FAR * target else Health.WARNING
    message = f"{span(lag)} old; its target lag is {span(target)}"
    return HealthCause(aspect="freshness", health=health, message=message)


def _schedule(table: Row, target: int | None) -> HealthCause | None:
    if table.scheduling_state == "SUSPENDED":
        why = (table.suspend_reason or "").lower().replace("_", " ")
        return HealthCause(aspect="schedule", health=Health.WARNING, message=f"it is suspended ({why})")
    if target is None and table.scheduled and table.schedule is None:
        message = "its target lag is DOWNSTREAM, and no table with a target lag reads it: it never refreshes"
        return HealthCause(aspect="schedule", health=Health.WARNING, message=message)
    return None


def span(seconds: float) -> str:
    """Return a duration for people."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
