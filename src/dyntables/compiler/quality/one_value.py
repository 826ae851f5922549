"""Queries whose answer is one value of the whole table, which passes or does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dyntables.compiler.quality.kind import Counted, Sums, Term


def within(terms: tuple[Term, ...], value: Callable[[Sequence[str]], str], low: str, high: str) -> Sums:
    """Return the measure of a number, which follows from sums, that has to be between two; NULL is not evaluated."""
    return Sums(
        terms,
        lambda sums: f"CASE WHEN {value(sums)} IS NULL THEN 0 ELSE 1 END",
        lambda sums: f"CASE WHEN {value(sums)} NOT BETWEEN {low} AND {high} THEN 1 ELSE 0 END",
    )


def between(value: str, rows: str, low: str, high: str) -> Counted:
    """Return the measure of an aggregate that has to be between two values; NULL is not evaluated."""
    inner = f"SELECT {value} AS v FROM {rows} checked_q"
    return Counted(f"SELECT count(v), count(*) FILTER (WHERE NOT v BETWEEN {low} AND {high}) FROM ({inner}) o")


def truth(condition: str, source: str = "") -> Counted:
    """Return the measure of one condition: NULL is not evaluated."""
    inner = f"SELECT ({condition}) AS v {source}"
    return Counted(f"SELECT count(v), count(*) FILTER (WHERE NOT v) FROM ({inner}) o")
