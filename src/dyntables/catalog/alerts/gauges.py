"""Figures of alerts for those who watch from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dyntables.catalog.connection import Connection


@dataclass(frozen=True, slots=True)
class AlertGauges:
    """How many alerts fire, by severity; open incidents; messages that wait, or were given up.

    ``oldest_seconds``: the age of the oldest message that waits.
    """

    firing: Mapping[str, int]
    incidents: int
    waiting: int
    dead: int
    oldest_seconds: float


def alert_gauges(connection: Connection) -> AlertGauges:
    """Return the figures of now."""
    firing = connection.execute(
        "SELECT labels ->> 'severity', count(*) FROM dyntables.alert WHERE state = 'firing' GROUP BY 1"
    ).fetchall()
    row = connection.execute(
        "SELECT (SELECT count(*) FROM dyntables.alert_incident WHERE resolved_at IS NULL), "
        "count(*) FILTER (WHERE state <> 'DEAD'), count(*) FILTER (WHERE state = 'DEAD'), "
        "coalesce(extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE state <> 'DEAD')), 0)::float8 "
        "FROM dyntables.alert_message WHERE state <> 'SENT'"
    ).fetchone()
    assert row is not None
    return AlertGauges(dict(firing), *row)
