"""Stored figures: which there are, and their course over a window."""

from __future__ import annotations

from datetime import datetime

import psycopg

from dyntables.server.read.system.figures import NAMES
from dyntables.server.schemas.metrics import MetricName, MetricPoint, MetricSeries

_NAMES = """
SELECT name, array_remove(array_agg(DISTINCT object ORDER BY object), '') FROM dyntables.metric
WHERE width = (SELECT min(width) FROM dyntables.metric) GROUP BY name
"""
# A width that reaches back to the begin, or to the end of the first slot of all, as a coarse slot begins earlier than
# what it is made of; of these the coarsest that is not coarser than asked for.
_WIDTH = """
SELECT width FROM dyntables.metric WHERE name = %(name)s GROUP BY width
ORDER BY min(at) > greatest(%(begin)s, (SELECT min(at + make_interval(secs => width)) FROM dyntables.metric
                                        WHERE name = %(name)s)),
         width > %(slot)s, CASE WHEN width <= %(slot)s THEN -width ELSE width END LIMIT 1
"""
_POINTS = """
SELECT object, date_bin(make_interval(secs => %(slot)s), at, 'epoch') AS slot, sum(average * samples) / sum(samples),
       min(least), max(greatest), sum(samples)
FROM dyntables.metric WHERE name = %(name)s AND width = %(width)s AND at >= %(begin)s AND at < %(end)s
  AND (%(objects)s::text[] IS NULL OR object = ANY(%(objects)s))
GROUP BY object, slot ORDER BY object, slot
"""


def metric_names(connection: psycopg.Connection) -> list[MetricName]:
    """Return the figures with the objects that they are stored for."""
    stored: dict[str, list[str]] = dict(connection.execute(_NAMES).fetchall())
    return [
        MetricName(name=name, unit=unit, description=text, objects=stored.get(name, []))
        for name, (unit, text) in NAMES.items()
    ]


def metric_series(
    connection: psycopg.Connection, name: str, objects: list[str] | None, begin: datetime, end: datetime, points: int
) -> list[MetricSeries]:
    """Return a series for each object, of at most so many points."""
    slot = max(1.0, (end - begin).total_seconds() / points)
    values = {"name": name, "objects": objects, "begin": begin, "end": end, "slot": slot}
    row = connection.execute(_WIDTH, values).fetchone()
    if row is None:
        return []
    width = row[0]
    slot = max(slot, float(width))
    found: dict[str, list[MetricPoint]] = {}
    for obj, at, average, least, greatest, samples in connection.execute(
        _POINTS, {**values, "slot": slot, "width": width}
    ):
        point = MetricPoint(at=at, average=average, least=least, greatest=greatest, samples=samples)
        found.setdefault(obj, []).append(point)
    unit = NAMES[name][0]
    return [MetricSeries(name=name, object=o, unit=unit, width_seconds=slot, points=p) for o, p in found.items()]
