"""A text has a number of characters between two, both included."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Dimension, Kind, Parameter, Sort

KIND = Kind(
    "length",
    Dimension.VALIDITY,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("low", Sort.EXPRESSION),
        Parameter("high", Sort.EXPRESSION),
    ),
    "a text has a number of characters between two, both included",
    predicate=lambda given: f"length({given['column']}::text) BETWEEN {given['low']} AND {given['high']}",
)
