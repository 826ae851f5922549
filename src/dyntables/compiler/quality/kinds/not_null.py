"""A column has a value."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Dimension, Kind, Parameter, Sort

KIND = Kind(
    "not_null",
    Dimension.COMPLETENESS,
    (Parameter("column", Sort.COLUMN),),
    "a column has a value",
    predicate=lambda given: f"{given['column']} IS NOT NULL",
)
