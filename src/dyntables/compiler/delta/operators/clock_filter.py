"""A filter by the current time.

Law: with σ the filter at the data timestamp and σ' the one at the previous data timestamp,
d(σ N) = σ' dN + [σ − σ'] N, N the new contents: what changed, as it was seen before, and the rows whose verdict the
passing of time changed.
State: none. Cost: the delta, and the rows that crossed the boundary, found by an index on the compared expression.
"""

from __future__ import annotations

from dyntables.compiler.delta.context import WEIGHT_COLUMN
from dyntables.compiler.plan.algebra.nodes import ClockFilter, Filter, Plan, Project, Scalar, UnionAll, ref


def derive_clock_filter(plan: ClockFilter, delta: Plan | None) -> Plan:
    """Return the delta of the filter; time always passes, so there always is one."""
    now, before = plan.predicate, plan.before
    refs = now.refs | before.refs
    crossed = Scalar(f"coalesce(({now.sql}), false) <> coalesce(({before.sql}), false)", refs)
    moved = Filter(plan.input, (*plan.bounds, crossed))
    weight = Scalar(f"CASE WHEN {now.sql} THEN 1 ELSE -1 END", refs)
    columns = (*plan.columns, WEIGHT_COLUMN)
    crossing = Project(moved, columns, (*(ref(c.id) for c in plan.columns), weight))
    if delta is None:
        return crossing
    seen = Project(Filter(delta, (before,)), columns, tuple(ref(c.id) for c in columns))
    return UnionAll((seen, crossing), columns)
