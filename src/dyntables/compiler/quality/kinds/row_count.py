"""The table has a number of rows between two, both included."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched
from dyntables.compiler.quality.one_value import between


def _counted(given: Given, watched: Watched) -> Counted:
    return between("count(*)", watched.rows, given["low"], given["high"])


KIND = Kind(
    "row_count",
    Dimension.VOLUME,
    (
        Parameter("low", Sort.LITERAL),
        Parameter("high", Sort.LITERAL),
    ),
    "the table has a number of rows between two, both included",
    counted=_counted,
)
