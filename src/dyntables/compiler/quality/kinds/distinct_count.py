"""A column has a number of different values between two, both included."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched
from dyntables.compiler.quality.one_value import between


def _counted(given: Given, watched: Watched) -> Counted:
    return between(f"count(DISTINCT {given['column']})", watched.rows, given["low"], given["high"])


KIND = Kind(
    "distinct_count",
    Dimension.VOLUME,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("low", Sort.LITERAL),
        Parameter("high", Sort.LITERAL),
    ),
    "a column has a number of different values between two, both included",
    counted=_counted,
    scans="whether a value is new depends on all other rows",
)
