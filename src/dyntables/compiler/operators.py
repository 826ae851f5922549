"""The operators by name.

The name of an operator is that of its golden file (tests/golden), its correctness script (tests/scripts) and its page
(docs/operators); a test holds these together with this table, with the nodes of a plan and with the modules of
``delta/operators``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dyntables.compiler.plan.nodes import (
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
    Relation,
    Scan,
    TopK,
    UnionAll,
    Window,
)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: what it covers, the modules of the compiler that state its law, and the nodes of it.

    An operator without nodes is written in terms of others while a definition is bound.
    """

    name: str
    title: str
    modules: tuple[str, ...]
    covers: Callable[[Plan], bool] = lambda _: False


def _join(*kinds: JoinKind) -> Callable[[Plan], bool]:
    return lambda plan: isinstance(plan, Join) and plan.kind in kinds


OPERATORS: tuple[Operator, ...] = (
    Operator("scan", "Tables, views, CTEs", ("delta.derive", "delta.consolidate"), lambda n: isinstance(n, Scan)),
    Operator("constant", "VALUES, SELECT without FROM", ("delta.derive",), lambda n: isinstance(n, Constant)),
    Operator("filter", "WHERE", ("delta.derive",), lambda n: isinstance(n, Filter)),
    Operator("clock_filter", "now() in conditions", ("delta.operators.clock_filter",), lambda n: isinstance(n, ClockFilter)),
    Operator("project", "The select list", ("delta.derive",), lambda n: isinstance(n, Project)),
    Operator("expand", "Set-returning functions in the select list", ("delta.derive",), lambda n: isinstance(n, Expand)),
    Operator("apply", "LATERAL functions of a row", ("delta.derive",), lambda n: isinstance(n, Apply)),
    Operator("inner_join", "JOIN, CROSS JOIN", ("delta.operators.join",), _join(JoinKind.INNER)),
    Operator("outer_join", "LEFT, RIGHT, FULL JOIN", ("delta.operators.join", "delta.operators.matching"), _join(JoinKind.LEFT, JoinKind.FULL)),
    Operator("semi_join", "EXISTS, IN, ANY, ALL", ("delta.operators.semi_join", "delta.operators.matching"), _join(JoinKind.SEMI, JoinKind.ANTI, JoinKind.MARK)),
    Operator("scalar_subquery", "Subqueries as values", ("plan.decorrelate", "plan.dependent")),
    Operator("lateral", "LATERAL subqueries over tables", ("plan.lateral", "plan.dependent")),
    Operator("union_all", "UNION ALL", ("delta.derive",), lambda n: isinstance(n, UnionAll)),
    Operator("set_operations", "UNION, EXCEPT, INTERSECT", ("plan.set_operations",)),
    Operator("aggregate", "GROUP BY, HAVING, aggregates", ("delta.operators.aggregate", "delta.operators.states"), lambda n: isinstance(n, Aggregate) and bool(n.calls)),
    Operator("distinct", "DISTINCT", ("delta.operators.aggregate",), lambda n: isinstance(n, Aggregate) and not n.calls),
    Operator("grouping_sets", "GROUPING SETS, ROLLUP, CUBE", ("plan.grouping_sets",)),
    Operator("window", "Window functions, DISTINCT ON", ("delta.operators.window",), lambda n: isinstance(n, Window)),
    Operator("top_k", "ORDER BY … LIMIT", ("delta.operators.top_k",), lambda n: isinstance(n, TopK)),
    Operator("rows", "The rows of a result", ("delta.operators.rows",), lambda n: isinstance(n, Relation)),
    Operator("recursive", "WITH RECURSIVE", ("plan.bind",)),
)  # fmt: skip


def operator_name(plan: Plan) -> str | None:
    """Return the name of the operator that a node belongs to."""
    return next((o.name for o in OPERATORS if o.covers(plan)), None)
