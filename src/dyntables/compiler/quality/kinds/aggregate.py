"""An aggregate of a column is between two values, both included."""

from __future__ import annotations

from dyntables.compiler.quality.aggregates import AGGREGATES, aggregate
from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched
from dyntables.compiler.quality.one_value import between


def _counted(given: Given, watched: Watched) -> Counted:
    return between(aggregate(given["function"], given["column"]), watched.rows, given["low"], given["high"])


KIND = Kind(
    "aggregate",
    Dimension.VALIDITY,
    (
        Parameter("function", Sort.WORD, words=tuple(AGGREGATES)),
        Parameter("column", Sort.COLUMN),
        Parameter("low", Sort.LITERAL),
        Parameter("high", Sort.LITERAL),
    ),
    "an aggregate of a column is between two values, both included",
    counted=_counted,
    scans="an aggregate is computed of all values",
)
