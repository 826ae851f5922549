"""The oracle by generation, its saved scripts, and the metamorphic laws."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.oracle.generation import odd_types
from tests.oracle.generation.laboratory import Laboratory, WrongResultError, laboratory
from tests.oracle.generation.model import Case, Definition, read_script
from tests.oracle.generation.search import FOUND, search
from tests.oracle.generation.special.kinds import check_for

EXAMPLES = 12
SCRIPTS = sorted(FOUND.glob("*.sql"))
BY_HAND = sorted(Path(__file__).with_name("by_hand").glob("*.sql"))


def test_random_histories(database_url: str) -> None:
    with laboratory(database_url) as lab:
        search(lab, lab.check, examples=EXAMPLES)
        assert lab.tally.actions["INCREMENTAL"] > 0


@pytest.mark.pg(15, 18)
def test_types_with_operators_of_their_own(database_url: str) -> None:
    with laboratory(database_url) as lab:
        if not odd_types.prepare(lab.writer):
            pytest.skip("the server has no contrib modules")
        search(lab, odd_types.KIND.check(lab), examples=EXAMPLES // 2, kind=odd_types.odd_cases())
        assert lab.tally.actions["INCREMENTAL"] > 0


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_found_before(database_url: str, script: Path) -> None:
    case = read_script(script.read_text())
    with laboratory(database_url) as lab:
        check_for(lab, case)(case)


@pytest.mark.parametrize("script", BY_HAND, ids=lambda path: path.stem)
def test_written_by_hand(database_url: str, script: Path) -> None:
    case = read_script(script.read_text())
    with laboratory(database_url) as lab:
        lab.check(case)
        assert lab.tally.incremental == len(case.definitions)


def test_one_batch_equals_many_and_full_equals_incremental(database_url: str) -> None:
    with laboratory(database_url) as lab:
        search(lab, lambda case: _compare(lab, case), examples=EXAMPLES // 2)


def _compare(lab: Laboratory, case: Case) -> None:
    """Refresh ``d0`` after each step, ``once`` at the end only, and ``in_full`` in mode FULL."""
    first = case.definitions[0]
    with lab.schema(case):
        lab.create(first)
        lab.create(replace(first, name="once"))
        lab.create(replace(first, name="in_full"), "FULL")
        for step in case.steps:
            if step.act == "refresh":
                lab.verify(first.name)
            else:
                lab.act(step)
        lab.late.commit()
        for name in (first.name, "once", "in_full"):
            lab.verify(name)
        for name in ("once", "in_full"):
            if not lab.same(first.name, name):
                raise WrongResultError(f"{name} differs from {first.name}")


def _renamed(text: str) -> str:
    return re.sub(r"\bt(\d)(?=\b|_)", r"renamed\1", text)


def test_renaming_changes_nothing(database_url: str) -> None:
    with laboratory(database_url) as lab:
        search(lab, lambda case: _rename(lab, case), examples=EXAMPLES // 2)


def _rename(lab: Laboratory, case: Case) -> None:
    first = case.definitions[0]
    other = Definition("other", _renamed(first.query), first.uses)
    both = replace(case, schema=(*case.schema, *(_renamed(s) for s in case.schema)))
    with lab.schema(both):
        lab.create(first)
        lab.create(other)
        for step in case.steps:
            if step.act == "refresh":
                if lab.verify(first.name)["action"] != lab.verify(other.name)["action"]:
                    raise WrongResultError("renaming changed the action")
            else:
                lab.act(step)
                lab.act(replace(step, sql=_renamed(step.sql)))
        lab.late.commit()
        lab.verify(first.name)
        lab.verify(other.name)
        if not lab.same(first.name, other.name):
            raise WrongResultError("renaming changed the contents")
