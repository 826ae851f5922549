"""docs/sources.md has a row for each case, and no row without a test of its name."""

from __future__ import annotations

import re
from pathlib import Path

from tests.sources import cases

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
_FAILURES = Path(__file__).parent / "test_failures.py"


def row(case: cases.Case) -> str:
    """Return the line of a case."""
    what = case.what + (f" (PostgreSQL {case.versions[0]})" if len(case.versions) == 1 else "")
    return f"| {what} | {case.action} | {case.reason} | `{case.name}` |"


def test_every_case_has_its_row() -> None:
    lines = set(PAGE.read_text().splitlines())
    assert [row(c) for c in cases.CASES if row(c) not in lines] == []


def test_every_row_has_its_test() -> None:
    named = re.findall(r"^\| .* \| `(\w+)` \|$", PAGE.read_text(), re.MULTILINE)
    tests = {c.name for c in cases.CASES} | set(re.findall(r"def test_(\w+)\(", _FAILURES.read_text()))
    assert sorted(named) == sorted(set(named))
    assert set(named) == tests
