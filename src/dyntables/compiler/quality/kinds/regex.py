"""A text matches a regular expression of the server."""

from __future__ import annotations

from dyntables.compiler.quality.kind import Dimension, Kind, Parameter, Sort

KIND = Kind(
    "regex",
    Dimension.VALIDITY,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("pattern", Sort.LITERAL),
    ),
    "a text matches a regular expression of the server",
    predicate=lambda given: f"{given['column']}::text ~ {given['pattern']}",
)
