"""A refresh changes the number of rows by no more than a percentage."""

from __future__ import annotations

from collections.abc import Sequence

from dyntables.compiler.quality.kind import Dimension, Given, Kind, Parameter, Sort, Sums, Term


def _sums(given: Given) -> Sums:
    return Sums(
        (Term(),),
        lambda sums: f"CASE WHEN {_percent(sums)} IS NULL THEN 0 ELSE 1 END",
        lambda sums: f"CASE WHEN {_percent(sums)} > {given['percent']} THEN 1 ELSE 0 END",
        compares=True,
    )


def _percent(sums: Sequence[str]) -> str:
    """Return by how much the number of rows has changed; NULL of an empty table, and of one that nobody counted."""
    now, before = sums
    return f"abs({now} - {before}) * 100 / nullif({before}, 0)"


KIND = Kind(
    "volume_change",
    Dimension.VOLUME,
    (Parameter("percent", Sort.LITERAL),),
    "a refresh changes the number of rows by no more than a percentage",
    sums=_sums,
    dynamic=True,
)
