"""A dynamic table is within its target lag."""

from __future__ import annotations

from dyntables.compiler.names import literal
from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Watched
from dyntables.compiler.quality.one_value import truth


def _counted(given: Given, watched: Watched) -> Counted:
    table = f"schema_name = {literal(watched.schema)} AND name = {literal(watched.name)}"
    return truth("lag_sec <= target_lag_sec", f"FROM dyntables.dynamic_tables WHERE {table}")


KIND = Kind(
    "lag_met",
    Dimension.TIMELINESS,
    (),
    "a dynamic table is within its target lag",
    counted=_counted,
    scans="it depends on the time of the check",
    dynamic=True,
    elsewhere=True,
)
