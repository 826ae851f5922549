"""Differentiate a plan: the z-set of its changes, as a plan with a weight column.

The leaves are the changes of sources and stages; ``new(N)`` is the node over the present contents. Where no input of a
node changed its delta is None, so only inputs with changes make terms. A constant has no changes: dC = ∅.
"""

from __future__ import annotations

from dyntables.compiler.delta.context import Context
from dyntables.compiler.delta.operators.apply import derive_apply
from dyntables.compiler.delta.operators.clock_filter import derive_clock_filter
from dyntables.compiler.delta.operators.filter import derive_filter
from dyntables.compiler.delta.operators.join import derive_inner, derive_join
from dyntables.compiler.delta.operators.project import derive_project
from dyntables.compiler.delta.operators.scan import derive_scan
from dyntables.compiler.delta.operators.semi_join import derive_semi_join
from dyntables.compiler.delta.operators.union_all import derive_union_all
from dyntables.compiler.plan.inner_joins import InnerJoins, lay_open, split_last
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
    inputs,
    leaves,
    uses_clock,
)

_MOST_CHANGED = 3


def derive(plan: Plan, context: Context) -> Plan | None:
    """Return the delta of a plan, or None if nothing below it changed.

    Aggregates and windows never occur here: they are stages, and a stage's delta is what it applied.
    """
    match plan:
        case Scan():
            return derive_scan(plan, context.changes.get(plan.source.oid))
        case Relation():
            return derive_scan(plan, context.changes.get(plan.name))
        case Constant():
            return None
        case Filter():
            delta = derive(plan.input, context)
            return None if delta is None else derive_filter(plan, delta)
        case ClockFilter():
            return derive_clock_filter(plan, derive(plan.input, context))
        case Project() | Expand():
            delta = derive(plan.input, context)
            return None if delta is None else derive_project(plan, delta)
        case Apply():
            delta = derive(plan.input, context)
            return None if delta is None else derive_apply(plan, delta)
        case UnionAll():
            return derive_union_all(plan, [d for d in (derive(i, context) for i in plan.inputs) if d is not None])
        case Join(kind=JoinKind.SEMI | JoinKind.ANTI | JoinKind.MARK):
            return derive_semi_join(plan, derive(plan.left, context), derive(plan.right, context), context)
        case Join(kind=JoinKind.INNER):
            joins = _inputs(plan, context)
            return derive_inner(plan, joins, [derive(i, context) for i in joins.inputs], context)
        case Join():
            return derive_join(plan, derive(plan.left, context), derive(plan.right, context), context)
        case Aggregate() | Window() | TopK():
            raise AssertionError(f"{type(plan).__name__} must be a stage")


def _inputs(plan: Join, context: Context) -> InnerJoins:
    """Lay an inner join open; if too many of its inputs changed, one term for each set of them would be too many."""
    joins = lay_open(plan)
    changed = sum(uses_clock(i) or any(leaf in context.changes for leaf in leaves(i)) for i in joins.inputs)
    return joins if changed <= _MOST_CHANGED else split_last(joins)


def appends(plan: Plan, context: Context) -> bool:
    """Tell whether every weight of a delta is 1: one leaf changed, by appending, below linear nodes and joins."""
    changed = [k for k in leaves(plan) if k in context.changes]
    return len(changed) == 1 and changed[0] in context.appended and _keeps_weights(plan)


def _keeps_weights(plan: Plan) -> bool:
    if isinstance(plan, ClockFilter) or (isinstance(plan, Join) and plan.kind is not JoinKind.INNER):
        return False
    return all(_keeps_weights(child) for child in inputs(plan))
