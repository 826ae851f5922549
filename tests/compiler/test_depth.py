"""Nesting deeper than one thread's recursion goes: read, written and walked, with the limit left as it is."""

from __future__ import annotations

import sys

import pytest

from dyntables.compiler.depth import deep
from dyntables.compiler.plan.binding.scope import rewrite
from dyntables.compiler.plan.text.dialect import generate, parse
from dyntables.compiler.reasons import NotIncremental, Reason

DEPTH = 200
NESTED = {
    "operators": "(" * DEPTH + "x" + " || 'y')" * DEPTH,
    "cases": "CASE WHEN (x = 1) THEN 'a' ELSE " * DEPTH + "'b'" + " END" * DEPTH,
    "calls": "abs(" * DEPTH + "x" + ")" * DEPTH,
    "conditions": "((x = 1) OR ((x <> 2) AND " * DEPTH + "y" + "))" * DEPTH,
    "queries": "(SELECT " * DEPTH + "x" + ")" * DEPTH,
}


@pytest.mark.parametrize("kind", NESTED)
def test_deep_text_is_read_and_written(kind: str) -> None:
    limit = sys.getrecursionlimit()
    written = generate(rewrite(parse(f"SELECT {NESTED[kind]}"), lambda node: None))
    assert generate(parse(written)) == written
    assert written.count("(") == f"SELECT {NESTED[kind]}".count("(")
    assert sys.getrecursionlimit() == limit


@deep(2)
def _count(depth: int) -> int:
    if depth == 0:
        raise LookupError("the bottom")
    return _count(depth - 1)


def test_errors_come_up_from_any_depth() -> None:
    with pytest.raises(LookupError, match="the bottom"):
        _count(5000)


def test_there_is_an_end() -> None:
    with pytest.raises(NotIncremental) as caught:
        _count(10**6)
    assert caught.value.reason.reason is Reason.TOO_DEEP
