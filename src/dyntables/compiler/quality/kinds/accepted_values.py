"""A value is one of those that are listed."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Dimension, Kind, Parameter, Sort

KIND = Kind(
    "accepted_values",
    Dimension.VALIDITY,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("value", Sort.EXPRESSION, many=True),
    ),
    "a value is one of those that are listed",
    predicate=lambda given: f"{given['column']} IN ({', '.join(given.all('value'))})",
)
