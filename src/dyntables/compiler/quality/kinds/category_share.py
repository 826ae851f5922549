"""The share of rows with a value, 0 to 1, is between two, both included."""

from __future__ import annotations

from collections.abc import Sequence

from dyntables.compiler.quality.kind import Dimension, Given, Kind, Parameter, Sort, Sums, Term
from dyntables.compiler.quality.one_value import within


def _sums(given: Given) -> Sums:
    having = Term(f"{given['column']} = {given['value']}")
    return within((Term(), having), _share, given["low"], given["high"])


def _share(sums: Sequence[str]) -> str:
    rows, having = sums
    return f"{having} / nullif({rows}, 0)"


KIND = Kind(
    "category_share",
    Dimension.VALIDITY,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("value", Sort.LITERAL),
        Parameter("low", Sort.LITERAL),
        Parameter("high", Sort.LITERAL),
    ),
    "the share of rows with a value, 0 to 1, is between two, both included",
    sums=_sums,
)
