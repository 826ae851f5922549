"""The share of rows with a value, 0 to 1, is between two, both included."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched
from dyntables.compiler.quality.one_value import between


def _counted(given: Given, watched: Watched) -> Counted:
    share = f"avg(CASE WHEN {given['column']} = {given['value']} THEN 1.0 ELSE 0.0 END)"
    return between(share, watched.rows, given["low"], given["high"])


KIND = Kind(
    "category_share",
    Dimension.VALIDITY,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("value", Sort.LITERAL),
        Parameter("low", Sort.LITERAL),
        Parameter("high", Sort.LITERAL),
    ),
    "the share of rows with a value, 0 to 1, is between two, both included",
    counted=_counted,
)
