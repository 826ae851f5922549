"""The names of one compiled definition, from what its operators compute."""

from __future__ import annotations

from collections.abc import Iterator

from dyntables.compiler.explain.names import Names
from dyntables.compiler.explain.operator import How
from dyntables.compiler.explain.table import operator_of
from dyntables.compiler.plan.algebra.nodes import Plan, Scalar, inputs
from dyntables.compiler.program import Compiled


def name_columns(compiled: Compiled) -> Names:
    """Return the names that a user knows for the ids of a definition."""
    outputs = {c.id: n for c, n in zip(compiled.outputs, compiled.names, strict=True)}
    expressions: dict[str, Scalar] = {}
    several: set[str] = set()
    for node in nodes(compiled.plan):
        for defined in operator_of(node).defines(node):
            if defined.how is How.GROUP_KEY or defined.column in defined.sql.refs:
                continue
            if expressions.setdefault(defined.column, defined.sql) != defined.sql:
                several.add(defined.column)
    return Names(compiled.plan, outputs, {c: e for c, e in expressions.items() if c not in several})


def nodes(plan: Plan) -> Iterator[Plan]:
    """Yield a plan and everything below it."""
    yield plan
    for child in inputs(plan):
        yield from nodes(child)
