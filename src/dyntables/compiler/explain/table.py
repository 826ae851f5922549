"""The operators, in one table: a new plan node gets its line here, and a test says so if it has none."""

from __future__ import annotations

from dyntables.compiler.explain.operator import Class, Defined, How, Law, Operator
from dyntables.compiler.explain.operators.aggregate import AGGREGATE
from dyntables.compiler.explain.operators.expansion import APPLY, CLOCK_FILTER, CONSTANT, EXPAND, TOP_K
from dyntables.compiler.explain.operators.join import JOIN
from dyntables.compiler.explain.operators.recursion import RECURSION
from dyntables.compiler.explain.operators.rows import FILTER, PROJECT, RELATION, SCAN, UNION_ALL
from dyntables.compiler.explain.operators.window import WINDOW
from dyntables.compiler.plan.algebra.nodes import Plan, Scalar, inputs

OPERATORS: tuple[Operator, ...] = (
    SCAN, RELATION, CONSTANT, FILTER, CLOCK_FILTER, PROJECT, EXPAND, APPLY, JOIN, UNION_ALL, AGGREGATE, WINDOW, TOP_K,
    RECURSION,
)  # fmt: skip

_BY_NODE = {o.node: o for o in OPERATORS}


def operator_of(plan: Plan) -> Operator:
    """Return what is said of a node; little is said of one that has no entry, and nothing wrong."""
    return _BY_NODE.get(type(plan), _UNKNOWN)


def _defined_unknown(plan: Plan) -> tuple[Defined, ...]:
    """Columns that no input has may depend on any column of the inputs."""
    below = frozenset(c.id for child in inputs(plan) for c in child.columns)
    return tuple(Defined(c.id, How.EXPRESSION, Scalar(c.id, below)) for c in plan.columns if c.id not in below)


_UNKNOWN = Operator(
    object,
    law=lambda _: Law(Class.TOUCHED_KEYS, "what a change touches is computed again"),
    label=lambda node, _: type(node).__name__,
    defines=_defined_unknown,
)
