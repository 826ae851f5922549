"""LEFT and FULL joins, whose conditions may ask subqueries or read the clock.

What a condition asks of one side is computed there. What it asks of a pair of rows, and what only a filter can tell,
goes into a query of the right side for each row of the left.

Before:  l LEFT JOIN r ON r.k = l.k AND EXISTS (SELECT 1 FROM s WHERE s.a = l.a AND s.b = r.b)
After:   l LEFT JOIN LATERAL (SELECT * FROM r WHERE r.k = l.k AND EXISTS (…)) ON true

A FULL JOIN is a LEFT JOIN and the rows of the right side without a partner, padded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import (
    Join,
    JoinKind,
    Plan,
    Project,
    Scalar,
    UnionAll,
    outer_join,
    ref,
    without_checks,
)
from dyntables.compiler.plan.binding.clauses.filters import asks, filter_rows
from dyntables.compiler.plan.binding.joins.lateral import join_lateral
from dyntables.compiler.plan.binding.scope import Scope, is_id, reads_clock
from dyntables.compiler.plan.binding.subqueries.dependent import close
from dyntables.compiler.plan.binding.subqueries.subqueries import attach

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a join, and the names that it offers."""

    plan: Plan
    scope: Scope

    def is_read_by(self, predicate: exp.Expr) -> bool:
        """Tell whether a predicate, its subqueries included, may read a column of this side."""
        ids = {c.id for c in self.plan.columns}
        return any(isinstance(n, exp.Column) and self._may_offer(n, ids) for n in predicate.walk())

    def _may_offer(self, node: exp.Column, ids: set[str]) -> bool:
        if is_id(node):
            return node.name in ids
        # A column without a table is one that a USING merged, of whichever query.
        return not node.table or node.table in self.scope.entries


def join_padded(
    binder: Binder, kind: JoinKind, left: Side, right: Side, scope: Scope, predicates: list[exp.Expr]
) -> Plan:
    """Return a LEFT or FULL join."""
    if kind is JoinKind.FULL:
        return _full(binder, left, right, scope, predicates)
    on, inside = [], []
    for predicate in predicates:
        if reads_clock(predicate) or (asks(predicate) and right.is_read_by(predicate)):
            inside.append(predicate)
        else:
            plan, predicate = attach(binder, left.plan, scope, predicate)
            left = replace(left, plan=plan)
            on.append(predicate)
    if any(left.is_read_by(p) for p in inside):
        return join_lateral(binder, kind, left.plan, right.plan, scope, [*on, *inside])
    plan = filter_rows(binder, right.plan, scope, inside)
    return outer_join(kind, left.plan, plan, tuple(binder.condition(p, scope) for p in on))


def _full(binder: Binder, left: Side, right: Side, scope: Scope, predicates: list[exp.Expr]) -> Plan:
    if any(reads_clock(p) or (asks(p) and left.is_read_by(p) and right.is_read_by(p)) for p in predicates):
        return _both_ways(binder, left, right, scope, predicates)
    on = []
    for predicate in predicates:
        side = right if right.is_read_by(predicate) else left
        plan, predicate = attach(binder, side.plan, scope, predicate)
        left, right = (left, replace(right, plan=plan)) if side is right else (replace(left, plan=plan), right)
        on.append(binder.condition(predicate, scope))
    return outer_join(JoinKind.FULL, left.plan, right.plan, tuple(on))


def _both_ways(binder: Binder, left: Side, right: Side, scope: Scope, predicates: list[exp.Expr]) -> Plan:
    kept = without_checks(left.plan)
    matched = join_padded(binder, JoinKind.LEFT, replace(left, plan=kept), right, scope, predicates)
    partners = close(binder, filter_rows(binder, kept, scope, predicates), right.plan)
    alone = Join(JoinKind.ANTI, without_checks(right.plan), partners.plan, partners.predicates)
    columns = (*kept.columns, *alone.columns)
    own = {c.id for c in alone.columns}
    padding = tuple(ref(c.id) if c.id in own else Scalar(f"NULL::{c.type.name}", frozenset()) for c in columns)
    return UnionAll(
        (Project(matched, columns, tuple(ref(c.id) for c in columns)), Project(alone, columns, padding)), columns
    )
