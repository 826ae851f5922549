"""What to change, from the definitions and from what the refreshes have shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import psycopg

from dyntables.catalog.model import DynamicTable as Row
from dyntables.compiler.names import quote_qualified
from dyntables.health.judge import span
from dyntables.server.read.definitions.sources import load_sources
from dyntables.server.read.tables.listed import Listed, load
from dyntables.server.schemas.metrics import Recommendation, Severity
from dyntables.server.schemas.tables import DynamicTable

_BUSY_SHARE = 0.5
_ENOUGH_RATIO = 0.95
_REBUILDS = 3
_LOG_BYTES = 256 * 1024 * 1024

_REBUILT = """
SELECT dynamic_table_id, reason, count(*) FROM dyntables.refresh
WHERE action = 'REINITIALIZE' AND state = 'SUCCEEDED'
  AND reason NOT IN ('INITIAL', 'DEFINITION_CHANGED', 'DEFINITION_ALTERED', 'UNDROPPED', 'CLONED')
  AND ended_at > now() - interval '1 day'
GROUP BY 1, 2 HAVING count(*) >= %s
"""
_FULL = """
SELECT dynamic_table_id, sum(duration_ms) / 1000, count(*), extract(epoch FROM max(ended_at) - min(started_at))
FROM dyntables.refresh WHERE action = 'FULL' AND state = 'SUCCEEDED' AND trigger = 'SCHEDULED'
  AND ended_at > now() - interval '1 day' GROUP BY 1
HAVING count(*) >= 3
"""
# Nobody could keep a target while nobody led.
_LATE = """
WITH led AS (SELECT least('1 hour', clock_timestamp() - since) AS period FROM dyntables.leader WHERE since IS NOT NULL)
SELECT l.dynamic_table_id, l.time_within_target_lag_ratio, extract(epoch FROM led.period)
FROM led, dyntables.lag_over(led.period) l WHERE l.refreshes >= 3 AND l.time_within_target_lag_ratio < %s
"""


def recommend(connection: psycopg.Connection, known: Iterable[Recommendation] = ()) -> list[Recommendation]:
    """Return what is seen without planning anything, with what is known already; warnings first."""
    listed = load(connection)
    found = [
        *known,
        *(r for i, t in listed.tables.items() for r in _of_table(t, listed.rows[i])),
        *_often_late(connection, listed),
        *_full_too_often(connection, listed),
        *_rebuilt(connection, listed),
        *_logs(connection, listed),
    ]
    return sorted(found, key=lambda r: (r.severity is Severity.INFO, r.kind, r.object))


def _of_table(table: DynamicTable, row: Row) -> Iterator[Recommendation]:
    target = table.effective_target_lag_seconds
    if row.schedule.target_lag_seconds is None and row.schedule.scheduled and target is None and not row.cron:
        yield Recommendation(
            kind="DOWNSTREAM_WITHOUT_READER",
            severity=Severity.WARNING,
            object=table.qualified_name,
            title="It never refreshes",
            detail="Its target lag is DOWNSTREAM, and no table with a target lag reads it.",
            statement=f"ALTER DYNAMIC TABLE {_quoted(table)} SET TARGET_LAG = '1 minute'",
        )
    if target is not None and _too_slow(table):
        yield Recommendation(
            kind="LAG_TOO_SHORT",
            severity=Severity.WARNING,
            object=table.qualified_name,
            title="Its target lag is too short",
            detail=f"A refresh takes {span(table.expected_seconds)}, and the target lag is {span(target)}.",
            statement=_longer(table, table.expected_seconds * 4),
        )
    if table.requested_mode == "AUTO" and table.mode == "FULL":
        reasons = "; ".join(f"{r.detail}. {r.hint or ''}".strip() for r in table.mode_reasons)
        yield Recommendation(
            kind="NOT_INCREMENTAL",
            severity=Severity.INFO,
            object=table.qualified_name,
            title="It is refreshed in full",
            detail=reasons,
        )


def _too_slow(table: DynamicTable) -> bool:
    target = table.effective_target_lag_seconds
    return target is not None and table.expected_seconds > target * _BUSY_SHARE


def _often_late(connection: psycopg.Connection, listed: Listed) -> Iterator[Recommendation]:
    # Cheap first: the share of the whole hour is known.
    ratios = [t.within_target_ratio for t in listed.tables.values()]
    if all(ratio is None or ratio >= _ENOUGH_RATIO for ratio in ratios):
        return
    for table_id, ratio, seconds in connection.execute(_LATE, (_ENOUGH_RATIO,)).fetchall():
        table = listed.tables.get(table_id)
        if table is not None and not _too_slow(table):
            yield Recommendation(
                kind="OFTEN_LATE",
                severity=Severity.WARNING,
                object=table.qualified_name,
                title="It is often late",
                detail=f"It was within its target lag only {ratio:.0%} of the last {span(float(seconds))}.",
            )


def _full_too_often(connection: psycopg.Connection, listed: Listed) -> Iterator[Recommendation]:
    for table_id, busy, count, seconds in connection.execute(_FULL, ()).fetchall():
        table = listed.tables.get(table_id)
        if table is None or not seconds or busy / float(seconds) < 0.2:
            continue
        yield Recommendation(
            kind="FULL_TOO_OFTEN",
            severity=Severity.WARNING,
            object=table.qualified_name,
            title="It is computed in full too often",
            detail=f"{count} full refreshes took {busy / float(seconds):.0%} of the time.",
            statement=_longer(table, 10 * busy / count),
        )


def _rebuilt(connection: psycopg.Connection, listed: Listed) -> Iterator[Recommendation]:
    for table_id, reason, count in connection.execute(_REBUILT, (_REBUILDS,)).fetchall():
        table = listed.tables.get(table_id)
        if table is not None:
            yield Recommendation(
                kind="OFTEN_REBUILT",
                severity=Severity.WARNING,
                object=table.qualified_name,
                title="It is often built anew",
                detail=f"{count} times in a day, for the reason {reason}: changes could not be followed.",
            )


def _logs(connection: psycopg.Connection, listed: Listed) -> Iterator[Recommendation]:
    for source in load_sources(connection, tables=listed.rows, count_to=1):
        if source.log_bytes > _LOG_BYTES:
            suspended = [
                t.qualified_name
                for t in listed.tables.values()
                if t.qualified_name in source.readers and t.scheduling_state == "SUSPENDED"
            ]
            why = f"Suspended readers hold it: {', '.join(suspended)}." if suspended else "Its readers are behind."
            yield Recommendation(
                kind="LARGE_CHANGE_LOG",
                severity=Severity.WARNING,
                object=f"{source.schema_name}.{source.name}",
                title="Its change log is large",
                detail=f"{source.log_bytes / 2**20:,.0f} MB. {why}",
            )


def _longer(table: DynamicTable, seconds: float) -> str | None:
    """Return a statement that sets a longer target lag, if that is longer."""
    if table.target_lag_seconds is None or seconds <= table.target_lag_seconds:
        return None
    return f"ALTER DYNAMIC TABLE {_quoted(table)} SET TARGET_LAG = '{max(1, round(seconds))} seconds'"


def _quoted(table: DynamicTable) -> str:
    return quote_qualified(table.schema_name, table.name)
