"""LATERAL subqueries → joins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.dependent import close, join_aggregate
from dyntables.compiler.plan.filters import filter_rows
from dyntables.compiler.plan.nodes import Aggregate, Filter, Join, JoinKind, Plan, Project, without_checks
from dyntables.compiler.plan.scope import Scope, to_scalar
from dyntables.compiler.plan.subqueries import computed
from dyntables.compiler.reasons import NotIncremental, Reason

if TYPE_CHECKING:
    from dyntables.compiler.plan.bind import Binder


def join_lateral(
    binder: Binder, kind: JoinKind, left: Plan, right: Plan, scope: Scope, predicates: list[exp.Expr]
) -> Plan:
    """Join a plan that reads columns of the left side."""
    chain: list[Project] = []
    core = right
    while isinstance(core, Project):
        chain.append(core)
        core = core.input
    if isinstance(core, Aggregate) and not core.keys:
        # There is exactly one row for each row of the left side.
        if kind is JoinKind.LEFT and [p for p in predicates if to_scalar(p).sql.lower() != "true"]:
            raise NotIncremental(
                Reason.SUBQUERY,
                "a LEFT JOIN LATERAL of an aggregate with a condition",
                advice="Join ON true, and write the condition as CASE in the select list.",
            )
        plan = computed(join_aggregate(binder, left, core), chain)
        return plan if kind is JoinKind.LEFT else filter_rows(binder, plan, scope, predicates)
    if kind is JoinKind.INNER:
        pulled = close(binder, core, left)
        plan = Join(kind, left, pulled.plan, ())
        plan = computed(Filter(plan, pulled.predicates) if pulled.predicates else plan, chain)
        return filter_rows(binder, plan, scope, predicates)
    pulled = close(binder, right, left)
    return Join(
        kind, left, without_checks(pulled.plan), (*pulled.predicates, *(binder.condition(p, scope) for p in predicates))
    )
