"""The operators by name.

The name of an operator is that of its golden file (tests/golden), its correctness script (tests/scripts) and its page
(docs/operators); a test holds these together with this table, with the nodes of a plan and with the modules of
``delta/operators`` or ``delta/stages``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    Apply,
    ClockFilter,
    Constant,
    Expand,
    Filter,
    Join,
    JoinKind,
    Plan,
    Project,
    Recursion,
    Relation,
    Scan,
    TopK,
    UnionAll,
    Window,
)

Covers = Callable[[Plan], bool]


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: the SQL that it is for, the modules of the compiler that state its law, and its nodes in a plan.

    An operator without nodes is written in terms of others while a definition is bound.
    """

    name: str
    sql: str
    modules: tuple[str, ...]
    covers: Covers = lambda _: False


def _is(node: type[Plan]) -> Covers:
    return lambda plan: isinstance(plan, node)


def _join(*kinds: JoinKind) -> Covers:
    return lambda plan: isinstance(plan, Join) and plan.kind in kinds


def _aggregate(*, calls: bool) -> Covers:
    return lambda plan: isinstance(plan, Aggregate) and bool(plan.calls) is calls


_PROJECT = "delta.operators.project"
_JOIN, _SEMI_JOIN, _MATCHING = "delta.operators.join", "delta.operators.semi_join", "delta.operators.matching"
_AGGREGATE, _STATES = "delta.stages.aggregate", "delta.stages.states"
_IMAGES = "delta.stages.images"

OPERATORS: tuple[Operator, ...] = (
    Operator("scan", "tables, views, CTEs, dynamic tables", ("delta.operators.scan", "delta.consolidate"), _is(Scan)),
    Operator(
        "constant",
        "VALUES, SELECT without FROM",
        ("delta.derive", "plan.binding.subqueries.row_queries"),
        _is(Constant),
    ),
    Operator("filter", "WHERE", ("delta.operators.filter", "rewrites.push_filters"), _is(Filter)),
    Operator("clock_filter", "now() in conditions", ("delta.operators.clock_filter",), _is(ClockFilter)),
    Operator("project", "the select list", (_PROJECT,), _is(Project)),
    Operator("expand", "set-returning functions in the select list", (_PROJECT,), _is(Expand)),
    Operator(
        "apply",
        "LATERAL functions and queries of one row",
        ("delta.operators.apply", "plan.binding.subqueries.row_queries"),
        _is(Apply),
    ),
    Operator("inner_join", "JOIN, CROSS JOIN", (_JOIN,), _join(JoinKind.INNER)),
    Operator("outer_join", "LEFT, RIGHT and FULL JOIN", (_JOIN, _MATCHING), _join(JoinKind.LEFT, JoinKind.FULL)),
    Operator(
        "semi_join",
        "EXISTS, IN, ANY, ALL",
        (_SEMI_JOIN, _MATCHING, "plan.binding.subqueries.subqueries"),
        _join(JoinKind.SEMI, JoinKind.ANTI, JoinKind.MARK),
    ),
    Operator(
        "scalar_subquery",
        "subqueries as values",
        (
            "plan.binding.subqueries.subqueries",
            "plan.binding.subqueries.decorrelate",
            "plan.binding.subqueries.dependent",
        ),
    ),
    Operator(
        "lateral",
        "LATERAL subqueries over tables",
        ("plan.binding.joins.lateral", "plan.binding.subqueries.decorrelate", "plan.binding.subqueries.dependent"),
    ),
    Operator("union_all", "UNION ALL", ("delta.operators.union_all", "rewrites.distribute_union"), _is(UnionAll)),
    Operator("set_operations", "UNION, EXCEPT, INTERSECT", ("plan.binding.clauses.set_operations",)),
    Operator("aggregate", "GROUP BY, HAVING, aggregates", (_AGGREGATE, _STATES, _IMAGES), _aggregate(calls=True)),
    Operator("distinct", "DISTINCT", (_AGGREGATE, _IMAGES), _aggregate(calls=False)),
    Operator("grouping_sets", "GROUPING SETS, ROLLUP, CUBE", ("plan.binding.clauses.grouping_sets",)),
    Operator("window", "window functions, DISTINCT ON", ("delta.stages.window",), _is(Window)),
    Operator(
        "top_k",
        "LIMIT, with and without ORDER BY",
        ("delta.stages.top_k", "plan.binding.clauses.limits", "plan.text.determined"),
        _is(TopK),
    ),
    Operator("rows", "the rows of a result", ("delta.stages.rows",), _is(Relation)),
    Operator(
        "recursive", "WITH RECURSIVE", ("delta.stages.recursion", "plan.binding.clauses.recursion"), _is(Recursion)
    ),
)


def operator_name(plan: Plan) -> str:
    """Return the name of the operator that a node belongs to, which is that of its page in docs/operators."""
    return next(o.name for o in OPERATORS if o.covers(plan))
