"""Rows of no state, and how to keep expressions from failing on them.

Where several inputs of a join have changed, its delta joins new rows with old ones. Such pairs were never there; their
weights cancel. An expression that can fail must not be evaluated on them.

Law: summing the weights of identical rows leaves those that are in one of the two states and not in the other, and on
these the definition itself evaluates it. So the delta is consolidated before such an expression, and only then.
State: none. Cost: one grouping of the delta where an expression is not tame and several inputs have changed.
"""

from __future__ import annotations

from collections.abc import Iterable

from dyntables.compiler.delta.consolidate import consolidate
from dyntables.compiler.delta.context import Context
from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.nodes import (
    Apply,
    ClockFilter,
    Expand,
    Filter,
    Join,
    JoinKind,
    Plan,
    Project,
    Relation,
    Scalar,
    UnionAll,
    leaves,
    scalars,
    uses_clock,
)
from dyntables.compiler.plan.algebra.render import from_item
from dyntables.compiler.plan.binding.joins.inner_joins import (
    InnerJoins,
    ids_of,
    lay_open,
    parents_and_children,
    split_last,
)
from dyntables.compiler.plan.binding.values.tame import all_tame

_MOST_CHANGED = 3


def inputs_of(plan: Join, context: Context) -> InnerJoins:
    """Lay an inner join open; if too many of its inputs changed, one term for each set of them would be too many."""
    joins = lay_open(plan)
    return joins if sum(_changed(i, context) for i in joins.inputs) <= _MOST_CHANGED else split_last(joins)


def settled(plan: Plan, delta: Plan, over: Iterable[Scalar], context: Context) -> Plan:
    """Return the delta of a plan so that expressions over its rows can be evaluated."""
    return consolidated(delta) if passing(plan, context) and not all_tame(over, plan.columns) else delta


def consolidated(delta: Plan) -> Relation:
    """Return a delta with the weights of identical rows summed."""
    # OFFSET keeps the planner from evaluating below what stands above.
    return Relation(f"({consolidate(from_item(delta, 'd'), delta.columns[:-1])} OFFSET 0)", delta.columns)


@deep(5)
def passing(plan: Plan, context: Context) -> bool:
    """Tell whether the delta of a plan may hold rows of no state."""
    match plan:
        case Filter() | Project() | Expand() | Apply() | ClockFilter():
            return passing(plan.input, context) and all_tame(scalars(plan), plan.input.columns)
        case UnionAll():
            return any(passing(i, context) for i in plan.inputs)
        case Join(kind=JoinKind.INNER):
            joins = inputs_of(plan, context)
            changed = [i for i in joins.inputs if _changed(i, context)]
            if len(changed) > 1:
                return not summed_first(joins, tuple(changed)) and not evaluated_late(joins)
            return any(passing(i, context) for i in changed)
        case Join():
            changed = [i for i in (plan.left, plan.right) if _changed(i, context)]
            return len(changed) > 1 or any(passing(i, context) for i in changed)
        case _:
            return False


def summed_first(joins: InnerJoins, changed: tuple[Plan, ...]) -> bool:
    """Tell whether the inputs that changed are joined and consolidated before the others join them."""
    return 1 < len(changed) < len(joins.inputs) and parents_and_children(changed, joins.predicates)


def evaluated_late(joins: InnerJoins) -> tuple[Scalar, ...]:
    """Return the predicates of a join that can fail, if the others link its inputs as well as all do."""
    columns = [c for i in joins.inputs for c in i.columns]
    wild = tuple(p for p in joins.predicates if not all_tame((p,), columns))
    rest = tuple(p for p in joins.predicates if p not in wild)
    return wild if wild and _pieces(joins.inputs, rest) == _pieces(joins.inputs, joins.predicates) else ()


def _pieces(parts: tuple[Plan, ...], predicates: tuple[Scalar, ...]) -> int:
    """Return into how many parts, none of which a predicate links with another, a join falls."""
    # One row more or less is no product.
    pieces = [ids_of(part) for part in parts if not _is_single(part)]
    for predicate in predicates:
        linked = [p for p in pieces if p & predicate.refs]
        pieces = [p for p in pieces if p not in linked] + ([frozenset().union(*linked)] if linked else [])
    return len(pieces)


def _is_single(plan: Plan) -> bool:
    while isinstance(plan, (Filter, Project)):
        plan = plan.input
    return isinstance(plan, Relation) and plan.single


def _changed(plan: Plan, context: Context) -> bool:
    return uses_clock(plan) or any(leaf in context.changes for leaf in leaves(plan))
