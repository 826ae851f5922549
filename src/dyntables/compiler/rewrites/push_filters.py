"""Push predicates towards the scans, and into the joins whose sides they compare.

Before:  σ[l.a = r.a ∧ l.b > 1] (l × r)
After:   σ[l.b > 1] l ⋈[l.a = r.a] r

The deltas of the sides of a join are stored before they are joined, so what a condition drops must be dropped below.
"""

from __future__ import annotations

from dataclasses import replace

from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    Apply,
    ClockFilter,
    Expand,
    Filter,
    Join,
    JoinKind,
    Plan,
    Project,
    Scalar,
    Window,
    inputs,
    with_inputs,
)

Predicates = tuple[Scalar, ...]


@deep(6)
def push_filters(plan: Plan, predicates: Predicates = ()) -> Plan:
    """Return the rows of a plan that satisfy the predicates, filtered as early as its operators allow."""
    match plan:
        case Filter():
            return push_filters(plan.input, (*plan.predicates, *predicates))
        case Join():
            return _through_join(plan, predicates)
        case ClockFilter():
            return replace(plan, input=push_filters(plan.input, predicates))
        case Project() | Expand():
            passed = {c.id for c, e in zip(plan.columns, plan.expressions, strict=True) if e.sql == c.id}
        case Apply() if plan.kind is JoinKind.INNER:
            passed = {c.id for c in plan.input.columns}
        case Aggregate():
            passed = set(plan.keys)
        case Window():
            passed = set(plan.partition)
        case _:
            passed = set()
    below, above = _split(predicates, passed)
    # Only nodes with one input pass anything.
    plan = with_inputs(plan, tuple(push_filters(i, below) for i in inputs(plan)))
    return Filter(plan, above) if above else plan


def _through_join(plan: Join, predicates: Predicates) -> Plan:
    left_ids, right_ids = ({c.id for c in side.columns} for side in (plan.left, plan.right))
    if plan.kind is JoinKind.FULL:
        joined = replace(plan, left=push_filters(plan.left), right=push_filters(plan.right))
        return Filter(joined, predicates) if predicates else joined
    on = plan.on
    if plan.kind is JoinKind.INNER:
        on, predicates = (*on, *predicates), ()
        to_left, on = _split(on, left_ids)
    else:
        to_left, predicates = _split(predicates, left_ids)
    # The right side of any of these joins only matters where the condition holds.
    to_right, on = _split(on, right_ids)
    joined = replace(plan, left=push_filters(plan.left, to_left), right=push_filters(plan.right, to_right), on=on)
    return Filter(joined, predicates) if predicates else joined


def _split(predicates: Predicates, ids: set[str]) -> tuple[Predicates, Predicates]:
    """Return the predicates that read only the given columns, and at least one; and the others."""
    inside = tuple(p for p in predicates if p.refs and p.refs <= ids)
    return inside, tuple(p for p in predicates if p not in inside)
