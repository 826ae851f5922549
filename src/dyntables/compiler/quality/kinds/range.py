"""Between two values."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Dimension, Given, Kind, Parameter, Sort


def _between(given: Given) -> str:
    column, low, high = given["column"], given["low"], given["high"]
    parts = [text for limit, text in ((low, f"{column} >= {low}"), (high, f"{column} <= {high}")) if not _none(limit)]
    return " AND ".join(parts) or "true"


def _none(limit: str) -> bool:
    return limit.strip("()").upper() == "NULL"


KIND = Kind(
    "range",
    Dimension.VALIDITY,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("low", Sort.EXPRESSION),
        Parameter("high", Sort.EXPRESSION),
    ),
    "a value is between two others, both included; NULL as one of them is no limit",
    predicate=_between,
)
