"""The lag of one table over a window."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg

from dyntables import clock
from dyntables.health.teeth import Tooth, percentile, share_within
from dyntables.server.schemas.tables import DynamicTable, LagPoint, LagSeries, Percentiles

# The first one before the window says how old the contents were when it began. Several in a row have two ends.
_TEETH = """
SELECT e.at, coalesce(r.longest_lag_seconds, extract(epoch FROM r.ended_at - r.previous_data_timestamp)::float8),
       extract(epoch FROM r.ended_at - r.data_timestamp)::float8, r.id, r.action
FROM dyntables.refresh r CROSS JOIN LATERAL (VALUES (r.first_ended_at), (r.ended_at)) e (at)
WHERE r.dynamic_table_id = %(id)s AND r.state = 'SUCCEEDED' AND r.previous_data_timestamp IS NOT NULL
  AND r.ended_at < %(end)s AND r.ended_at >= coalesce((SELECT max(b.ended_at) FROM dyntables.refresh b
    WHERE b.dynamic_table_id = %(id)s AND b.state = 'SUCCEEDED' AND b.ended_at < %(begin)s), %(begin)s)
  AND e.at IS NOT NULL ORDER BY r.id, e.at
"""


def lag_series(
    connection: psycopg.Connection, table: DynamicTable, begin: datetime, end: datetime, most: int
) -> LagSeries:
    """Return the saw-tooth of a table, its percentiles and the share of time within the target."""
    rows = connection.execute(_TEETH, {"id": table.id, "begin": begin, "end": end}).fetchall()
    points = [
        LagPoint(at=at, peak_seconds=max(0, peak), trough_seconds=max(0, trough), refresh_id=i, action=action)
        for at, peak, trough, i, action in rows
    ]
    teeth = _teeth(points, table, begin, end)
    target = table.effective_target_lag_seconds
    return LagSeries(
        schema_name=table.schema_name,
        name=table.name,
        begin=begin,
        end=end,
        target_lag_seconds=target,
        current_seconds=table.lag_seconds,
        within_target_ratio=share_within(teeth, target) if target is not None else None,
        percentiles=Percentiles(
            p50=percentile(teeth, 0.5),
            p95=percentile(teeth, 0.95),
            p99=percentile(teeth, 0.99),
            maximum=max((t.high for t in teeth), default=None),
        ),
        points=_thin([p for p in points if p.at >= begin], begin, end, most),
    )


def _teeth(points: list[LagPoint], table: DynamicTable, begin: datetime, end: datetime) -> list[Tooth]:
    """Return the teeth within the window; the last one is still growing."""
    teeth: list[Tooth] = []
    since, fresh_at = begin, table.data_timestamp
    for point in points:
        if point.at > begin:
            teeth.append(_tooth(point.peak_seconds, since, point.at))
        since = max(begin, point.at)
        fresh_at = point.at - timedelta(seconds=point.trough_seconds)
    looked_at = table.data_timestamp
    if points and looked_at is not None and since < looked_at < end:
        # Looks that the history does not have yet are like the last ones that it has.
        teeth.append(_tooth(points[-1].peak_seconds, since, looked_at))
        since = fresh_at = looked_at
    until = min(end, clock.now())
    if fresh_at is not None and until > max(since, fresh_at):
        teeth.append(_tooth((until - fresh_at).total_seconds(), since, until))
    return teeth


def _tooth(high: float, since: datetime, until: datetime) -> Tooth:
    return Tooth(max(0.0, high - (until - since).total_seconds()), high)


def _thin(points: list[LagPoint], begin: datetime, end: datetime, most: int) -> list[LagPoint]:
    """Keep the highest point of each slot of time."""
    if len(points) <= most:
        return points
    kept: dict[int, LagPoint] = {}
    width = (end - begin) / most
    for point in points:
        slot = int((point.at - begin) / width)
        if slot not in kept or kept[slot].peak_seconds < point.peak_seconds:
            kept[slot] = point
    return list(kept.values())
