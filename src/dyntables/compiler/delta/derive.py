"""Differentiate a plan: the z-set of its changes, as a plan with a weight column.

The leaves are the changes of sources and stages; ``new(N)`` is the node over the present contents. Where no input of a
node changed its delta is None, so only inputs with changes make terms.
"""

from __future__ import annotations

from dataclasses import replace

from dyntables.compiler.delta.context import WEIGHT_COLUMN, Context
from dyntables.compiler.delta.operators.clock_filter import derive_clock_filter
from dyntables.compiler.delta.operators.join import derive_join
from dyntables.compiler.delta.operators.semi_join import derive_semi_join
from dyntables.compiler.names import WEIGHT
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
    ref,
)


def derive(plan: Plan, context: Context) -> Plan | None:
    """Return the delta of a plan, or None if nothing below it changed.

    Aggregates and windows never occur here: they are stages, and a stage's delta is what it applied.
    """
    match plan:
        case Scan():
            return _leaf(plan, context.changes.get(plan.source.oid))
        case Relation():
            return _leaf(plan, context.changes.get(plan.name))
        case Constant():
            return None
        case Filter():
            # Law: d(σ N) = σ dN. Linear, no state.
            delta = derive(plan.input, context)
            return None if delta is None else Filter(delta, plan.predicates)
        case ClockFilter():
            return derive_clock_filter(plan, derive(plan.input, context))
        case Project() | Expand():
            # Law: d(π N) = π dN, also where an expression gives several rows. Linear, no state; the weight passes.
            delta = derive(plan.input, context)
            if delta is None:
                return None
            columns, expressions = (*plan.columns, WEIGHT_COLUMN), (*plan.expressions, ref(WEIGHT))
            return replace(plan, input=delta, columns=columns, expressions=expressions)
        case Apply():
            # Law: d(N × q(row)) = dN × q(row), as the query reads nothing but the row. Linear, no state.
            delta = derive(plan.input, context)
            return None if delta is None else replace(plan, input=delta)
        case UnionAll():
            # Law: d(A ∪ B) = dA ∪ dB. Linear, no state.
            deltas = [d for d in (derive(i, context) for i in plan.inputs) if d is not None]
            return UnionAll(tuple(deltas), (*plan.columns, WEIGHT_COLUMN)) if deltas else None
        case Join(kind=JoinKind.SEMI | JoinKind.ANTI | JoinKind.MARK):
            return derive_semi_join(plan, derive(plan.left, context), derive(plan.right, context), context)
        case Join():
            return derive_join(plan, derive(plan.left, context), derive(plan.right, context), context)
        case Aggregate() | Window() | TopK():
            raise AssertionError(f"{type(plan).__name__} must be a stage")


def appends(plan: Plan, context: Context) -> bool:
    """Tell whether every weight of a delta is 1: one leaf changed, by appending, below linear nodes and joins."""
    changed = [k for k in leaves(plan) if k in context.changes]
    return len(changed) == 1 and changed[0] in context.appended and _keeps_weights(plan)


def _keeps_weights(plan: Plan) -> bool:
    if isinstance(plan, ClockFilter) or (isinstance(plan, Join) and plan.kind is not JoinKind.INNER):
        return False
    return all(_keeps_weights(child) for child in inputs(plan))


def _leaf(leaf: Scan | Relation, changes: Relation | None) -> Plan | None:
    if changes is None:
        return None
    if isinstance(leaf, Scan):
        return Relation(changes.name, (*leaf.columns, WEIGHT_COLUMN), (*leaf.fields, WEIGHT))
    return Relation(changes.name, (*leaf.columns, WEIGHT_COLUMN))
