"""The latest time of a column is no older than an interval."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched
from dyntables.compiler.quality.one_value import truth


def _counted(given: Given, watched: Watched) -> Counted:
    return truth(f"now() - max({given['column']}) <= {given['interval']}::interval", f"FROM {watched.rows} checked_q")


KIND = Kind(
    "freshness",
    Dimension.TIMELINESS,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("interval", Sort.LITERAL),
    ),
    "the latest time of a column is no older than an interval",
    counted=_counted,
    scans="it depends on the time of the check",
)
