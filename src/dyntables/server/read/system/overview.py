"""Is everything fresh, and if not, which one object is to blame."""

from __future__ import annotations

import os
import threading
from collections import Counter
from typing import Any

import psutil
import psycopg

from dyntables import clock, locks
from dyntables.catalog import graph
from dyntables.health.judge import Health, Status
from dyntables.server.read.definitions.sources import load_sources
from dyntables.server.read.tables.listed import Listed, load
from dyntables.server.schemas.overview import (
    Attention,
    Blame,
    CaptureSummary,
    Leader,
    Overview,
    Resources,
)
from dyntables.server.schemas.sources import Source
from dyntables.server.schemas.tables import DynamicTable

_BAD = (Status.FAILING, Status.LATE, Status.NOT_INITIALIZED)
_SEVERITY = {Status.FAILING: 0, Status.NOT_INITIALIZED: 1, Status.LATE: 2, Status.SUSPENDED: 3, Status.FRESH: 4}
_BACKLOG_TO = 20_000

ACTIVITY = """
SELECT (coalesce(sum(coalesce(rows_inserted, 0) + coalesce(rows_deleted, 0))
           FILTER (WHERE ended_at > now() - interval '1 minute'), 0) / 60)::float8,
       coalesce(sum(count), 0)::bigint, count(*) FILTER (WHERE state = 'FAILED')
FROM dyntables.refresh WHERE ended_at > now() - interval '1 hour'
"""
_DATABASE = """
SELECT pg_database_size(current_database()), (SELECT coalesce(sum(dyntables.size_of(oid)), 0)::bigint FROM pg_class
       WHERE relnamespace IN ('dyntables_data'::regnamespace, 'dyntables_log'::regnamespace) AND relkind = 'r'),
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
       current_setting('max_connections')::integer
"""
_LEADER = """
SELECT l.pid, coalesce(d.since, a.backend_start), d.process FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
LEFT JOIN dyntables.leader d ON d.backend = l.pid
WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted AND (l.classid::bigint << 32) | l.objid::bigint = %s
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def read_overview(connection: psycopg.Connection, *, leading_here: bool) -> Overview:
    """Return everything of the first page."""
    listed = load(connection)
    sources = load_sources(connection, tables=listed.rows, count_to=_BACKLOG_TO)
    leader = read_leader(connection, here=leading_here)
    activity = connection.execute(ACTIVITY).fetchone()
    assert activity is not None
    blame = find_blame(listed, sources, leader)
    ratios = [t.within_target_ratio for t in listed.tables.values() if t.within_target_ratio is not None]
    return Overview(
        at=clock.now(),
        fresh=blame is None,
        verdict=_verdict(listed, blame),
        blame=blame,
        counts={s: Counter(t.status for t in listed.tables.values())[s] for s in Status},
        within_target_ratio=sum(ratios) / len(ratios) if ratios else None,
        attention=_attention(listed, sources),
        running=listed.running,
        changes_per_second=activity[0],
        refreshes_last_hour=activity[1],
        failures_last_hour=activity[2],
        leader=leader,
        capture=_capture(sources),
        resources=read_resources(connection),
    )


def find_blame(listed: Listed, sources: list[Source], leader: Leader) -> Blame | None:
    """Return the one object to look at first: the cause below all others, and of these the one that does most harm."""
    bad = {i: t for i, t in listed.tables.items() if t.status in _BAD}
    if not bad:
        return None
    broken = next(
        (s for s in sources if not s.healthy and any(t.qualified_name in s.readers for t in bad.values())), None
    )
    if broken is not None:
        harmed = [t.qualified_name for t in bad.values() if _reads(listed, t, broken)]
        hint = "Bring the source back, or change or drop what reads it."
        return Blame(
            kind="SOURCE", schema_name=broken.schema_name, name=broken.name, hint=hint, affected=harmed,
            message=f'source "{broken.schema_name}.{broken.name}": {broken.problem}',
        )  # fmt: skip
    if not leader.active and all(t.status is not Status.FAILING for t in bad.values()):
        return Blame(
            kind="SCHEDULER",
            schema_name=None,
            name=None,
            message="no scheduler is running, so nothing is refreshed",
            hint="Start `dyntables serve` with workers, or `dyntables run`.",
            affected=[t.qualified_name for t in bad.values()],
        )
    roots = [i for i in bad if not (graph.ancestors(listed.rows, [i]) - {i}) & bad.keys()]
    harm = {i: [i, *(d for d in graph.descendants(listed.rows, i) if d in bad)] for i in roots}
    worst = min(roots, key=lambda i: (_SEVERITY[bad[i].status], -len(harm[i]), -_lateness(bad[i])))
    table = bad[worst]
    return Blame(
        kind="DYNAMIC_TABLE",
        schema_name=table.schema_name,
        name=table.name,
        message=f'dynamic table "{table.qualified_name}": {_message(table)}',
        hint=_hint(table),
        affected=[listed.tables[i].qualified_name for i in harm[worst]],
    )


def read_leader(connection: psycopg.Connection, *, here: bool) -> Leader:
    """Return who schedules."""
    row = connection.execute(_LEADER, (locks.LEADER,)).fetchone()
    if row is None:
        return Leader(active=False, process_id=None, process=None, since=None, here=False)
    return Leader(active=True, process_id=row[0], process=row[2], since=row[1], here=here)


def read_resources(connection: psycopg.Connection) -> Resources:
    """Return what is used now."""
    row = connection.execute(_DATABASE).fetchone()
    assert row is not None
    return Resources(
        **_usage.now(),
        database_bytes=row[0],
        storage_bytes=row[1],
        connections=row[2],
        max_connections=row[3],
    )


class _Usage:
    """What this process and the machine use; shares of time are over at least a second."""

    def __init__(self) -> None:
        self._process = psutil.Process(os.getpid())
        self._lock = threading.Lock()
        self._at = clock.monotonic()
        self._known: dict[str, Any] = {}

    def now(self) -> dict[str, Any]:
        """Return the figures, measured anew if the last ones are more than a second old."""
        with self._lock:
            if not self._known or clock.monotonic() - self._at >= 1:
                self._at = clock.monotonic()
                self._known = {
                    "server_cpu_percent": self._process.cpu_percent(),
                    "server_memory_bytes": self._process.memory_info().rss,
                    "machine_cpu_percent": psutil.cpu_percent(),
                    "machine_memory_percent": psutil.virtual_memory().percent,
                }
            return self._known


_usage = _Usage()


def _verdict(listed: Listed, blame: Blame | None) -> str:
    total = len(listed.tables)
    if total == 0:
        return "There is no dynamic table yet."
    if blame is None:
        suspended = sum(t.status is Status.SUSPENDED for t in listed.tables.values())
        failing = sum(_breaks_rules(t) for t in listed.tables.values())
        rest = f"; {suspended} suspended" if suspended else ""
        rest += f"; quality rules fail in {failing}" if failing else ""
        return f"All {total} dynamic tables are fresh{rest}." if total > 1 else f"The dynamic table is fresh{rest}."
    bad = sum(t.status in _BAD for t in listed.tables.values())
    return f"{bad} of {total} dynamic tables {'is' if bad == 1 else 'are'} not fresh."


def _breaks_rules(table: DynamicTable) -> bool:
    return any(c.aspect == "quality" and c.health is not Health.UNKNOWN for c in table.causes)


def _attention(listed: Listed, sources: list[Source]) -> list[Attention]:
    found = []
    for i, table in listed.tables.items():
        if table.health is Health.HEALTHY:
            continue
        found.append(
            Attention(
                table_id=i,
                schema_name=table.schema_name,
                name=table.name,
                status=table.status,
                health=table.health,
                message=_message(table),
                lag_seconds=table.lag_seconds,
                target_lag_seconds=table.effective_target_lag_seconds,
                root_cause=_root_cause(listed, i, sources),
            )
        )
    return sorted(found, key=lambda a: (_SEVERITY[a.status], -_lateness(listed.tables[a.table_id])))


def _root_cause(listed: Listed, table_id: int, sources: list[Source]) -> str | None:
    table = listed.tables[table_id]
    broken = next((s for s in sources if not s.healthy and _reads(listed, table, s)), None)
    if broken is not None:
        return f"{broken.schema_name}.{broken.name}"
    below = graph.ancestors(listed.rows, [table_id]) - {table_id}
    bad = [i for i in graph.topological(listed.rows, below) if listed.tables[i].status in (*_BAD, Status.SUSPENDED)]
    return listed.tables[bad[0]].qualified_name if bad else None


def _reads(listed: Listed, table: DynamicTable, source: Source) -> bool:
    below = graph.ancestors(listed.rows, [table.id])
    return any(listed.rows[i].qualified in source.readers for i in below)


def _message(table: DynamicTable) -> str:
    causes = sorted(table.causes, key=lambda c: list(Health).index(c.health), reverse=True)
    # How old it is says little where it is known why.
    shown = [*causes[:1], *(c for c in causes[1:] if c.aspect == "lock")]
    return "; ".join(c.message for c in shown) or table.status.lower()


def _hint(table: DynamicTable) -> str | None:
    if table.status is Status.FAILING:
        return "Open its last refresh: it has the error and what to do. It is tried again by itself."
    if any(c.aspect == "lock" for c in table.causes):
        return "It goes on when that session ends its transaction; an administrator may end the session."
    if table.running is not None:
        return "A refresh of it is running now."
    expected, target = table.expected_seconds, table.effective_target_lag_seconds
    if target is not None and expected > target / 2:
        return f"A refresh takes about {expected:.1f} s, too long for its target lag; give it a longer one."
    return None


def _lateness(table: DynamicTable) -> float:
    target = table.effective_target_lag_seconds
    return (table.lag_seconds or 0) / target if target else 0.0


def _capture(sources: list[Source]) -> CaptureSummary:
    captured = [s for s in sources if s.captured]
    return CaptureSummary(
        sources=len(captured),
        unhealthy=sum(not s.healthy for s in sources),
        log_bytes=sum(s.log_bytes for s in captured),
        backlog_rows=sum(s.backlog_rows for s in captured),
    )
