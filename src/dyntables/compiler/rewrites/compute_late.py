"""Compute what can fail above the joins that its rows have to pass, as the server does with subqueries and views.

Before:  (SELECT id, raw::integer AS n FROM f) ⋈[f.id = k.id] σ[kind = 'number'] k
After:   SELECT …, raw::integer AS n FROM (f ⋈[f.id = k.id] σ[kind = 'number'] k)

The deltas of the sides of a join are computed before they are joined: a row that no state joins must not fail there.
Holds for both sides of an inner join, and for the side that keeps its rows of the others; not if the condition reads
what is computed.
"""

from __future__ import annotations

from dataclasses import replace

from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.nodes import (
    Column,
    Filter,
    Join,
    JoinKind,
    Plan,
    Project,
    Scalar,
    inputs,
    ref,
    with_inputs,
)
from dyntables.compiler.plan.binding.values.tame import all_tame

Computed = dict[str, Scalar]


@deep(5)
def compute_late(plan: Plan) -> Plan:
    """Apply the rewrite to every join of a plan."""
    below = tuple(compute_late(i) for i in inputs(plan))
    lifted = any(new is not old for new, old in zip(below, inputs(plan), strict=True))
    plan = with_inputs(plan, below) if lifted else plan
    match plan:
        case Join():
            read = frozenset(r for p in plan.on for r in p.refs)
            left, late = _part(plan.left, read)
            right, more = _part(plan.right, read) if plan.kind is JoinKind.INNER else (plan.right, {})
            late |= more
            return _above(replace(plan, left=left, right=right), plan.columns, late) if late else plan
        case Filter():
            rest, late = _part(plan.input, frozenset(r for p in plan.predicates for r in p.refs))
            return _above(Filter(rest, plan.predicates), plan.columns, late) if late else plan
        case Project() if lifted:
            return _merged(plan)
        case _:
            return plan


def _part(plan: Plan, read: frozenset[str]) -> tuple[Plan, Computed]:
    """Split what can fail, and is not read, from a projection; return the rest, with the columns that it needs."""
    if not isinstance(plan, Project):
        return plan, {}
    given = {c.id: c for c in plan.input.columns}
    pairs = list(zip(plan.columns, plan.expressions, strict=True))
    late = {c.id: e for c, e in pairs if c.id not in read and e.refs <= set(given) and _is_wild(e, plan.input)}
    if not late:
        return plan, {}
    kept = [(c, e) for c, e in pairs if c.id not in late]
    there = {c.id for c, _ in kept}
    kept += [(given[r], ref(r)) for r in sorted({r for e in late.values() for r in e.refs} - there)]
    return Project(plan.input, tuple(c for c, _ in kept), tuple(e for _, e in kept)), late


def _is_wild(expression: Scalar, below: Plan) -> bool:
    return bool(expression.refs) and not all_tame((expression,), below.columns)


def _above(plan: Plan, columns: tuple[Column, ...], late: Computed) -> Project:
    return Project(plan, columns, tuple(late.get(c.id, ref(c.id)) for c in columns))


def _merged(plan: Project) -> Project:
    """Put two projections into one where the upper only passes on what the lower computes."""
    below = plan.input
    if not isinstance(below, Project):
        return plan
    computed = {c.id: e for c, e in zip(below.columns, below.expressions, strict=True) if e.sql != c.id}
    if any(e.refs & computed.keys() and e.sql not in computed for e in plan.expressions):
        return plan
    return replace(plan, input=below.input, expressions=tuple(computed.get(e.sql, e) for e in plan.expressions))
