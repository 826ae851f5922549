"""How people fare with alerts: how soon somebody came, how soon it was over, and what fired for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from psycopg.rows import class_row

from dyntables.catalog.connection import Connection


@dataclass(frozen=True, slots=True)
class Times:
    """Incidents of a stretch of time; means and medians in seconds, None if there is none."""

    incidents: int
    acknowledged: int
    resolved: int
    mean_to_acknowledge: float | None
    mean_to_resolve: float | None
    median_to_resolve: float | None


@dataclass(frozen=True, slots=True)
class Offender:
    """A rule at a table; ``untouched``: how often it fired, and nobody did anything. ``seconds``: of firing."""

    rule: str
    table_name: str | None
    fired: int
    untouched: int
    seconds: float


_TIMES = """
SELECT count(*)::integer AS incidents, count(acknowledged_at)::integer AS acknowledged,
       count(resolved_at)::integer AS resolved,
       avg(extract(epoch FROM acknowledged_at - opened_at))::float8 AS mean_to_acknowledge,
       avg(extract(epoch FROM resolved_at - opened_at))::float8 AS mean_to_resolve,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM resolved_at - opened_at)::float8)
           AS median_to_resolve
FROM dyntables.alert_incident WHERE merged_into IS NULL AND opened_at > clock_timestamp() - %s
"""
_OFFENDERS = """
WITH fired AS (
    SELECT fingerprint, labels ->> 'rule' AS rule, labels ->> 'table' AS table_name, id, at,
           lead(id) OVER (PARTITION BY fingerprint ORDER BY id) AS next_id
    FROM dyntables.alert_event
    WHERE after = 'firing' AND before <> 'firing' AND at > clock_timestamp() - %s)
SELECT f.rule, f.table_name, count(*)::integer AS fired,
       (count(*) FILTER (WHERE l.people = 0))::integer AS untouched,
       sum(extract(epoch FROM coalesce(l.ended_at, clock_timestamp()) - f.at))::float8 AS seconds
FROM fired f CROSS JOIN LATERAL (
    SELECT min(e.at) FILTER (WHERE e.before = 'firing' AND e.after <> 'firing') AS ended_at,
           count(e.who) AS people
    FROM dyntables.alert_event e
    WHERE e.fingerprint = f.fingerprint AND e.id > f.id AND (f.next_id IS NULL OR e.id < f.next_id)) l
GROUP BY 1, 2 ORDER BY 3 DESC, 5 DESC LIMIT %s
"""


def times(connection: Connection, span: timedelta) -> Times:
    """Return how soon people came, and how soon incidents were over, of those that began in the time before now."""
    with connection.cursor(row_factory=class_row(Times)) as cursor:
        found = cursor.execute(_TIMES, (span,)).fetchone()
    assert found is not None
    return found


def offenders(connection: Connection, span: timedelta, most: int = 20) -> list[Offender]:
    """Return what fired most often in the time before now."""
    with connection.cursor(row_factory=class_row(Offender)) as cursor:
        return cursor.execute(_OFFENDERS, (span, most)).fetchall()
