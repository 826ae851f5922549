"""Every plan node has its entry; the options of EXPLAIN; names of ids."""

from __future__ import annotations

from typing import get_args

import pytest

from dyntables.compiler.explain.operator import LEGEND, Class
from dyntables.compiler.explain.operators.aggregate import MERGES
from dyntables.compiler.explain.operators.join import LABELS, LAWS
from dyntables.compiler.explain.table import OPERATORS
from dyntables.compiler.plan.algebra.nodes import JoinKind, Merge, Plan
from dyntables.compiler.statements import (
    ExplainChanges,
    ExplainDynamicTable,
    ExplainFormat,
    Passthrough,
    QualifiedName,
    ShowColumnLineage,
    parse_statement,
)
from dyntables.errors import StatementSyntaxError

T = QualifiedName(("t",))


def test_every_plan_node_has_one_entry() -> None:
    assert {o.node for o in OPERATORS} == set(get_args(Plan))
    assert len(OPERATORS) == len(get_args(Plan))


def test_every_kind_of_join_merge_and_class_is_described() -> None:
    assert set(LAWS) == set(LABELS) == set(JoinKind)
    assert set(MERGES) == set(Merge)
    assert set(LEGEND) == set(Class)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EXPLAIN DYNAMIC TABLE t", ExplainDynamicTable(T)),
        ("EXPLAIN VERBOSE DYNAMIC TABLE t", ExplainDynamicTable(T, verbose=True)),
        ("EXPLAIN ANALYZE VERBOSE DYNAMIC TABLE t;", ExplainDynamicTable(T, verbose=True, analyze=True)),
        (
            "EXPLAIN (FORMAT JSON, VERBOSE, ANALYZE) DYNAMIC TABLE t",
            ExplainDynamicTable(T, verbose=True, analyze=True, format=ExplainFormat.JSON),
        ),
        ("EXPLAIN (VERBOSE off, ANALYZE false, FORMAT text) DYNAMIC TABLE t", ExplainDynamicTable(T)),
        ("EXPLAIN CHANGES t", ExplainChanges(T)),
        ("EXPLAIN CHANGES USING JSON t", ExplainChanges(T, ExplainFormat.JSON)),
        ("SHOW COLUMN LINEAGE OF t", ShowColumnLineage(T)),
    ],
)
def test_explain_options(text: str, expected: object) -> None:
    assert parse_statement(text) == expected


@pytest.mark.parametrize("text", ["EXPLAIN (BUFFERS) SELECT dynamic FROM t", "EXPLAIN ANALYZE SELECT 1 AS dynamic"])
def test_other_explains_are_the_servers(text: str) -> None:
    assert parse_statement(text) == Passthrough(text)


@pytest.mark.parametrize(
    "text",
    [
        "EXPLAIN (BUFFERS) DYNAMIC TABLE t",
        "EXPLAIN (FORMAT xml) DYNAMIC TABLE t",
        "EXPLAIN ANALYZE CREATE DYNAMIC TABLE t TARGET_LAG = DOWNSTREAM AS SELECT 1",
    ],
)
def test_wrong_options_are_refused(text: str) -> None:
    with pytest.raises(StatementSyntaxError):
        parse_statement(text)
