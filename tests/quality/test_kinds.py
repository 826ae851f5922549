"""Every kind of rule has cases and a page, and counts exactly the rows that fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import dyntables
from dyntables.compiler.quality.catalogue import KINDS
from dyntables.errors import DyntablesError
from tools.quality_cases import CASES, OTHER, Case
from tools.rule_pages import FOLDER, page


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        yield client


def test_kinds_cases_and_pages_are_the_same() -> None:
    assert set(CASES) == set(KINDS)
    assert {path.stem for path in FOLDER.glob("*.md")} == set(KINDS)
    for kind in KINDS.values():
        assert [kind.predicate, kind.sums, kind.counted].count(None) == 2
        assert (kind.counted is None) == (kind.scans is None)
        assert (FOLDER / f"{kind.name}.md").read_text() == page(kind), "run make docs"


def test_cases_are_counted_exactly(dt: dyntables.Client) -> None:
    """All in one database, as they are many."""
    dt.execute(OTHER)
    wrong = [f"{case.check}: {found}" for cases in CASES.values() for case in cases if (found := _differs(dt, case))]
    assert wrong == []


def _differs(dt: dyntables.Client, case: Case) -> str | None:
    """Return what is found where it is not what should be."""
    if case.dynamic:
        dt.execute("CREATE TABLE IF NOT EXISTS source AS SELECT 1 AS a")
        dt.execute("CREATE DYNAMIC TABLE watched TARGET_LAG = '1 hour' AS SELECT a FROM source")
    else:
        dt.execute(f"CREATE TABLE watched ({case.columns})")
        dt.execute(f"INSERT INTO watched VALUES {', '.join(f'({row})' for row in case.passes)}")
    try:
        dt.execute(f"CREATE QUALITY RULE r ON watched CHECK {case.check}")
    except DyntablesError as error:
        dt.execute("DROP DYNAMIC TABLE watched" if case.dynamic else "DROP TABLE watched")
        return str(error)
    found = [_checked(dt)]
    expected: list[tuple[object, ...]] = [(case.state, 0)]
    if case.fails:
        dt.execute(f"INSERT INTO watched VALUES {', '.join(f'({row})' for row in case.fails)}")
        failed = len(case.fails) if case.failed is None else case.failed
        found.append(_checked(dt))
        expected.append(("FAILED" if failed else "PASSED", failed))
    dt.execute("DROP DYNAMIC TABLE watched" if case.dynamic else "DROP TABLE watched")
    return None if found == expected else f"{found} is not {expected}"


def _checked(dt: dyntables.Client) -> tuple[object, ...]:
    result = dt.execute("CHECK QUALITY OF watched")
    [(_, _, state, _, failed, _, _)] = result.rows
    return (state, failed) if state != "ERROR" else (state, result.notices)
