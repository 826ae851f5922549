"""Every operator has its law, golden file, correctness script and page, and nothing else has one."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

import dyntables.compiler
from dyntables.compiler.operators import OPERATORS, Operator, operator_name
from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    AggregateCall,
    Column,
    Constant,
    Join,
    JoinKind,
    Merge,
    Plan,
    Scalar,
    SqlType,
)
from tests.support import golden, scripts
from tools import operator_pages

COMPILER = Path(dyntables.compiler.__file__).parent
NAMES = [o.name for o in OPERATORS]
NOTHING = Constant("SELECT", ())
CALL = AggregateCall(Column("n", SqlType("bigint")), Scalar("count(*)", frozenset()), Merge.COUNT)


def test_table_goldens_scripts_and_pages_agree() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert sorted(NAMES) == sorted(golden.files())
    assert sorted(NAMES) == sorted(scripts.files())
    assert sorted(NAMES) == sorted(operator_pages.files())


def test_the_folders_of_operators_and_the_table_agree() -> None:
    rooms = ("operators", "stages")
    folders = {f"delta.{room}.{path.stem}" for room in rooms for path in (COMPILER / "delta" / room).glob("[!_]*.py")}
    named = {module for o in OPERATORS for module in o.modules}
    assert folders == {m for m in named if m.startswith(("delta.operators.", "delta.stages."))}
    assert all((COMPILER / f"{module.replace('.', '/')}.py").exists() for module in named)


def test_every_node_belongs_to_one_operator() -> None:
    examples: list[Plan] = [Aggregate(NOTHING, (), ()), Aggregate(NOTHING, (), (CALL,))]
    examples += [Join(kind, NOTHING, NOTHING, ()) for kind in JoinKind]
    examples += [node.__new__(node) for node in get_args(Plan) if node not in (Aggregate, Join)]
    covered = set()
    for example in examples:
        assert [o.name for o in OPERATORS if o.covers(example)] == [operator_name(example)]
        covered.add(operator_name(example))
    written_in_others = {"scalar_subquery", "lateral", "set_operations", "grouping_sets"}
    assert covered == set(NAMES) - written_in_others


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda o: str(o.name))
def test_the_law_of_a_page_is_that_of_the_code(operator: Operator) -> None:
    docstrings = " ".join(
        " ".join((import_module(f"dyntables.compiler.{m}").__doc__ or "").split()) for m in operator.modules
    )
    page = operator_pages.files()[operator.name].read_text()
    law = operator_pages.law(page)
    assert law, "the page states no law"
    for line in law:
        assert line in docstrings, "the law is not that of the module"


@pytest.mark.parametrize("name", NAMES)
def test_the_pages_are_up_to_date(name: str) -> None:
    text = operator_pages.files()[name].read_text()
    assert operator_pages.filled(name, text) == text, "run make docs"


def test_the_index_is_up_to_date() -> None:
    assert operator_pages.INDEX.read_text() == operator_pages.index(), "run make docs"
