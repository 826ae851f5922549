"""A number has at most so many digits after the point."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Dimension, Kind, Parameter, Sort

KIND = Kind(
    "precision",
    Dimension.VALIDITY,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("digits", Sort.LITERAL),
    ),
    "a number has at most so many digits after the point",
    predicate=lambda given: f"{given['column']}::numeric = round({given['column']}::numeric, {given['digits']})",
)
