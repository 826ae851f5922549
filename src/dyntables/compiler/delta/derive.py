"""Differentiate a plan: the z-set of its changes, as a plan with a weight column.

The leaves are the changes of sources and stages; ``new(N)`` is the node over the present contents. Where no input of a
node changed its delta is None, so only inputs with changes make terms. A constant has no changes: dC = ∅.
"""

from __future__ import annotations

from collections.abc import Iterable

from dyntables.compiler.delta.context import WEIGHT_COLUMN, Context
from dyntables.compiler.delta.operators.apply import derive_apply
from dyntables.compiler.delta.operators.clock_filter import derive_clock_filter
from dyntables.compiler.delta.operators.filter import derive_filter
from dyntables.compiler.delta.operators.join import derive_inner, derive_join
from dyntables.compiler.delta.operators.project import derive_project
from dyntables.compiler.delta.operators.scan import derive_scan
from dyntables.compiler.delta.operators.semi_join import derive_semi_join
from dyntables.compiler.delta.operators.union_all import derive_union_all
from dyntables.compiler.delta.passing import consolidated, evaluated_late, inputs_of, settled, summed_first
from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.nodes import (
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
    Recursion,
    Relation,
    Scalar,
    Scan,
    TopK,
    UnionAll,
    Window,
    inputs,
    leaves,
    ref,
    scalars,
)
from dyntables.compiler.plan.binding.joins.inner_joins import InnerJoins, ids_of


@deep(10)
def derive(plan: Plan, context: Context) -> Plan | None:
    """Return the delta of a plan, or None if nothing below it changed.

    Aggregates, windows and the like never occur here: they are stages, and a stage's delta is what it applied.
    """
    match plan:
        case Scan():
            return derive_scan(plan, context.changes.get(plan.source.oid))
        case Relation():
            return derive_scan(plan, context.changes.get(plan.name))
        case Constant():
            return None
        case Filter():
            delta = derive_for(plan.input, scalars(plan), context)
            return None if delta is None else derive_filter(plan, delta)
        case ClockFilter():
            return derive_clock_filter(plan, derive_for(plan.input, scalars(plan), context))
        case Project() | Expand():
            delta = derive_for(plan.input, scalars(plan), context)
            return None if delta is None else derive_project(plan, delta)
        case Apply():
            delta = derive_for(plan.input, scalars(plan), context)
            return None if delta is None else derive_apply(plan, delta)
        case UnionAll():
            return derive_union_all(plan, [d for d in (derive(i, context) for i in plan.inputs) if d is not None])
        case Join(kind=JoinKind.SEMI | JoinKind.ANTI | JoinKind.MARK):
            return derive_semi_join(plan, derive(plan.left, context), derive(plan.right, context), context)
        case Join(kind=JoinKind.INNER):
            return _derive_inner(plan, context)
        case Join():
            return derive_join(plan, derive(plan.left, context), derive(plan.right, context), context)
        case Aggregate() | Window() | TopK() | Recursion():
            raise AssertionError(f"{type(plan).__name__} must be a stage")


def derive_for(plan: Plan, over: Iterable[Scalar], context: Context) -> Plan | None:
    """Return the delta of a plan, fit for expressions over its rows."""
    delta = derive(plan, context)
    return None if delta is None else settled(plan, delta, over, context)


def _derive_inner(plan: Join, context: Context) -> Plan | None:
    joins = inputs_of(plan, context)
    deltas = [derive_for(i, (p for p in joins.predicates if p.refs & ids_of(i)), context) for i in joins.inputs]
    moved = tuple(i for i, delta in zip(joins.inputs, deltas, strict=True) if delta is not None)
    late = evaluated_late(joins) if len(moved) > 1 else ()
    if not late or summed_first(joins, moved):
        return derive_inner(plan.columns, joins, deltas, context, late)
    # Pairs of an old and a new row meet here: what can fail waits until they are gone.
    wanted = frozenset(r for p in late for r in p.refs) - ids_of(plan)
    columns = (*plan.columns, *(c for i in joins.inputs for c in i.columns if c.id in wanted))
    early = InnerJoins(joins.inputs, tuple(p for p in joins.predicates if p not in late))
    delta = derive_inner(columns, early, deltas, context)
    assert delta is not None
    picked = (*plan.columns, WEIGHT_COLUMN)
    return Project(Filter(consolidated(delta), late), picked, tuple(ref(c.id) for c in picked))


def appends(plan: Plan, context: Context) -> bool:
    """Tell whether every weight of a delta is 1: one leaf changed, by appending, below linear nodes and joins."""
    changed = [k for k in leaves(plan) if k in context.changes]
    return len(changed) == 1 and changed[0] in context.appended and _keeps_weights(plan)


@deep(4)
def _keeps_weights(plan: Plan) -> bool:
    if isinstance(plan, ClockFilter) or (isinstance(plan, Join) and plan.kind is not JoinKind.INNER):
        return False
    return all(_keeps_weights(child) for child in inputs(plan))
