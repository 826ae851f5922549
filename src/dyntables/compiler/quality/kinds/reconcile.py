"""An aggregate here differs from the one of another table by no more than a tolerance."""

from __future__ import annotations

from dyntables.compiler.quality.aggregates import AGGREGATES, aggregate
from dyntables.compiler.quality.kind import Counted, Dimension, Given, Kind, Parameter, Sort, Watched
from dyntables.compiler.quality.one_value import truth


def _counted(given: Given, watched: Watched) -> Counted:
    here = f"(SELECT {aggregate(given['function'], given['column'])} FROM {watched.rows} checked_q)"
    there = f"(SELECT {aggregate(given['function'], given['key'])} FROM {given['table']} other_q)"
    return truth(f"abs({here} - {there}) <= {given['tolerance']}")


KIND = Kind(
    "reconcile",
    Dimension.CONSISTENCY,
    (
        Parameter("function", Sort.WORD, words=tuple(AGGREGATES)),
        Parameter("column", Sort.COLUMN),
        Parameter("table", Sort.RELATION),
        Parameter("key", Sort.NAME),
        Parameter("tolerance", Sort.LITERAL),
    ),
    "an aggregate here differs from the one of another table by no more than a tolerance",
    counted=_counted,
    scans="the other table changes without this one",
    elsewhere=True,
)
