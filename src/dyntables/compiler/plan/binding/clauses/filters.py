"""WHERE, HAVING and the conditions of inner joins → filters, semi-joins and filters by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import ClockFilter, Filter, Plan, Scalar
from dyntables.compiler.plan.binding.scope import (
    Scope,
    conjuncts,
    is_id,
    is_query,
    outside_queries,
    previously,
    reads_clock,
    to_scalar,
    unwrap,
)
from dyntables.compiler.plan.binding.subqueries.subqueries import attach, semi_join

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder


def filter_rows(binder: Binder, plan: Plan, scope: Scope, condition: exp.Expr | list[exp.Expr]) -> Plan:
    """Return the rows for which a condition over column ids is true; the cheap predicates come first."""
    predicates = condition if isinstance(condition, list) else conjuncts(condition)
    plain = [p for p in predicates if not asks(p) and not reads_clock(p)]
    if plain:
        plan = Filter(plan, tuple(binder.condition(p, scope) for p in plain))
    for predicate in predicates:
        if asks(predicate):
            joined = semi_join(binder, plan, scope, predicate)
            if joined is not None:
                plan = joined
                continue
            plan, predicate = attach(binder, plan, scope, predicate)
            if reads_clock(predicate):
                plan = _clock_filter(plan, predicate)
            else:
                plan = Filter(plan, (binder.condition(predicate, scope),))
        elif reads_clock(predicate):
            plan = _clock_filter(plan, predicate)
    return plan


def asks(predicate: exp.Expr) -> bool:
    """Tell whether a predicate has a subquery."""
    return any(is_query(n) for n in outside_queries(predicate))


def _clock_filter(plan: Plan, predicate: exp.Expr) -> ClockFilter:
    predicate = unwrap(predicate)
    now, before = to_scalar(predicate, timed=True), to_scalar(previously(predicate))
    return ClockFilter(plan, now, before, _bounds(predicate))


def _is_null(node: exp.Expr) -> bool:
    return isinstance(node, exp.Is) and isinstance(node.expression, exp.Null) and not node.args.get("negate")


def _bounds(predicate: exp.Expr) -> tuple[Scalar, ...]:
    """Return the range in which a comparison of columns with the clock changes its verdict.

    It is the same for one OR whether the compared value is NULL, of which time changes nothing.
    """
    if isinstance(predicate, exp.Or):
        compared, other = unwrap(predicate.left), unwrap(predicate.right)
        sides = [unwrap(s) for s in (compared.args.get("this"), compared.args.get("expression")) if s is not None]
        if _is_null(other) and unwrap(other.this) in sides:
            predicate = compared
    if not isinstance(predicate, (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ)):
        return ()
    for moving, still in ((predicate.left, predicate.right), (predicate.right, predicate.left)):
        if reads_clock(moving) and not reads_clock(still) and not any(is_id(n) for n in moving.walk()):
            value, now = to_scalar(still), to_scalar(moving, timed=True).sql
            before = to_scalar(previously(moving)).sql
            return (
                Scalar(f"({value.sql}) >= least({now}, {before})", value.refs),
                Scalar(f"({value.sql}) <= greatest({now}, {before})", value.refs),
            )
    return ()
