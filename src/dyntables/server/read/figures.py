"""Figures of now, by name: what is shown live, stored over time and given to Prometheus."""

from __future__ import annotations

import psycopg

from dyntables.server.read.overview import ACTIVITY, read_resources


def live_figures(connection: psycopg.Connection) -> dict[str, float]:
    """Return the figures that the first page follows."""
    activity = connection.execute(ACTIVITY).fetchone()
    assert activity is not None
    resources = read_resources(connection)
    values = {"changes_per_second": activity[0], **resources.model_dump()}
    return {name: float(value) for name, value in values.items() if value is not None}
