"""Two values of a row stand in a relation: <, <=, =, <>, >= or >."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Dimension, Kind, Parameter, Sort

_QUOTES = "' "

KIND = Kind(
    "compare",
    Dimension.CONSISTENCY,
    (
        Parameter("left", Sort.EXPRESSION),
        Parameter("operator", Sort.LITERAL, words=("<", "<=", "=", "<>", ">=", ">")),
        Parameter("right", Sort.EXPRESSION),
    ),
    "two values of a row stand in a relation: <, <=, =, <>, >= or >",
    predicate=lambda given: f"{given['left']} {given['operator'].strip(_QUOTES)} {given['right']}",
)
