"""WHERE, HAVING and the conditions of inner joins → filters, semi-joins and filters by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.clock import clock_filter, reads_clock
from dyntables.compiler.plan.nodes import Filter, Plan
from dyntables.compiler.plan.scope import Scope, conjuncts, is_query, outside_queries, to_scalar
from dyntables.compiler.plan.subqueries import attach, semi_join

if TYPE_CHECKING:
    from dyntables.compiler.plan.bind import Binder


def filter_rows(binder: Binder, plan: Plan, scope: Scope, condition: exp.Expr | list[exp.Expr]) -> Plan:
    """Return the rows for which a condition over column ids is true; the cheap predicates come first."""
    predicates = condition if isinstance(condition, list) else conjuncts(condition)
    plain = [p for p in predicates if not _asks(p) and not reads_clock(p)]
    if plain:
        plan = Filter(plan, tuple(to_scalar(p) for p in plain))
    for predicate in predicates:
        if _asks(predicate):
            joined = semi_join(binder, plan, scope, predicate)
            if joined is not None:
                plan = joined
                continue
            plan, predicate = attach(binder, plan, scope, predicate)
            plan = clock_filter(plan, predicate) if reads_clock(predicate) else Filter(plan, (to_scalar(predicate),))
        elif reads_clock(predicate):
            plan = clock_filter(plan, predicate)
    return plan


def _asks(predicate: exp.Expr) -> bool:
    return any(is_query(n) for n in outside_queries(predicate))
