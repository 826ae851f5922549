"""Where the first predicate is true the second is not false."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Dimension, Kind, Parameter, Sort

KIND = Kind(
    "conditional",
    Dimension.CONSISTENCY,
    (
        Parameter("if", Sort.PREDICATE),
        Parameter("then", Sort.PREDICATE),
    ),
    "where the first predicate is true the second is not false",
    predicate=lambda given: f"({given['if']}) IS NOT TRUE OR ({given['then']})",
)
