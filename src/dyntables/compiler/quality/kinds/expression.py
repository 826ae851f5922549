"""A predicate of the row is not false."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Dimension, Kind, Parameter, Sort

KIND = Kind(
    "expression",
    Dimension.VALIDITY,
    (Parameter("predicate", Sort.PREDICATE),),
    "a predicate of the row is not false",
    predicate=lambda given: given["predicate"],
)
