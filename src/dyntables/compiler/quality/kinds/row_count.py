"""The table has a number of rows between two, both included."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Dimension, Given, Kind, Parameter, Sort, Sums, Term
from dyntables.compiler.quality.one_value import within


def _sums(given: Given) -> Sums:
    return within((Term(),), lambda sums: sums[0], given["low"], given["high"])


KIND = Kind(
    "row_count",
    Dimension.VOLUME,
    (
        Parameter("low", Sort.LITERAL),
        Parameter("high", Sort.LITERAL),
    ),
    "the table has a number of rows between two, both included",
    sums=_sums,
)
