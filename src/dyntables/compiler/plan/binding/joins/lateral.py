"""LATERAL subqueries → joins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    Apply,
    Filter,
    Join,
    JoinKind,
    Plan,
    Project,
    outer_join,
)
from dyntables.compiler.plan.binding.clauses.filters import asks, filter_rows
from dyntables.compiler.plan.binding.scope import Scope, reads_clock, to_scalar
from dyntables.compiler.plan.binding.subqueries.dependent import close, join_aggregate
from dyntables.compiler.plan.binding.subqueries.scalar_queries import computed
from dyntables.compiler.plan.text.dialect import generate

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder


def join_lateral(
    binder: Binder, kind: JoinKind, left: Plan, right: Plan, scope: Scope, predicates: list[exp.Expr]
) -> Plan:
    """Join a plan that reads columns of the left side, or whose condition can only be told inside of it."""
    chain: list[Project] = []
    core = right
    while isinstance(core, Project):
        chain.append(core)
        core = core.input
    if kind is JoinKind.LEFT:
        predicates = [p for p in predicates if generate(p).lower() != "true"]
    if isinstance(core, Aggregate) and not core.keys and (kind is JoinKind.INNER or not predicates):
        # There is exactly one row for each row of the left side.
        plan = computed(join_aggregate(binder, left, core), chain)
        return filter_rows(binder, plan, scope, predicates)
    if kind is JoinKind.INNER:
        pulled = close(binder, core, left)
        plan = Join(kind, left, pulled.plan, ())
        plan = computed(Filter(plan, pulled.predicates) if pulled.predicates else plan, chain)
        return filter_rows(binder, plan, scope, predicates)
    pulled = close(binder, filter_rows(binder, right, scope, predicates), left)
    return outer_join(kind, left, pulled.plan, pulled.predicates)


def join_apply(binder: Binder, plan: Apply, scope: Scope, predicates: list[exp.Expr]) -> Plan:
    """Join each row with those of a query over nothing but the row, for which the predicates hold."""
    if not any(asks(p) or reads_clock(p) for p in predicates):
        return replace(plan, on=tuple(to_scalar(p) for p in predicates))
    if plan.kind is JoinKind.INNER:
        return filter_rows(binder, plan, scope, predicates)
    right = replace(plan, kind=JoinKind.INNER, input=binder.one_row())
    return join_lateral(binder, plan.kind, plan.input, right, scope, predicates)
