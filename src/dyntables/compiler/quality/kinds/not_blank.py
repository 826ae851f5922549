"""A text has more than white space; NULL passes."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Dimension, Kind, Parameter, Sort

KIND = Kind(
    "not_blank",
    Dimension.COMPLETENESS,
    (Parameter("column", Sort.COLUMN),),
    "a text has more than white space; NULL passes",
    predicate=lambda given: f"{given['column']} ~ '[^[:space:]]'",
)
