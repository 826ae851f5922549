"""Aggregate below joins, for a query that is computed at once.

Before:  γ[k; sum(f.x), count(DISTINCT d.id)] (f ⋈[f.d = d.id] d)
After:   γ[k; sum(p), count(d.id)] (γ[d; sum(x) AS p] f ⋈[f.d = d.id] d)

Law: the rows of f that agree in every column that is read above go the same way through inner joins and into the same
group. So the sum of their sums is their sum, and a DISTINCT aggregate, MIN or MAX of other columns sees the same
values. If then each row of d comes out once at most, its key needs no DISTINCT.
Holds for inner joins, a GROUP BY with keys, and sums of integers and numeric, which do not depend on the order.
Source: Yan & Larson, "Eager Aggregation and Lazy Aggregation" (VLDB 1995).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from dyntables.compiler.depth import deep
from dyntables.compiler.names import quote
from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    AggregateCall,
    Column,
    Filter,
    Join,
    JoinKind,
    Merge,
    Plan,
    Project,
    Scalar,
    Scan,
    inputs,
    ref,
    with_inputs,
)
from dyntables.compiler.plan.binding.scope import fragment, is_id
from dyntables.compiler.plan.binding.values.equalities import equality

_EXACT = ("smallint", "integer", "bigint", "numeric")
_LEAST_JOINED = 2


@dataclass(frozen=True, slots=True)
class _Early:
    """The side to aggregate first, the columns to group it by, and the calls that its groups feed."""

    side: Plan
    keys: tuple[Column, ...]
    calls: tuple[AggregateCall, ...]


@deep(6)
def aggregate_early(plan: Plan) -> Plan | None:
    """Return the plan with aggregates moved below joins wherever that is possible, or None if it is nowhere."""
    below = tuple(aggregate_early(i) for i in inputs(plan))
    changed = any(b is not None for b in below)
    if changed:
        plan = with_inputs(plan, tuple(b or i for b, i in zip(below, inputs(plan), strict=True)))
    if isinstance(plan, Aggregate) and plan.keys:
        early = _moved(plan)
        if early is not None:
            return early
    return plan if changed else None


def _moved(node: Aggregate) -> Aggregate | None:
    above = node.input if isinstance(node.input, Project) else None
    joined = above.input if above is not None else node.input
    leaves = _leaves(joined)
    if len(leaves) < _LEAST_JOINED or any(not _is_movable(c) and not _ignores_copies(c) for c in node.calls):
        return None
    found = next((e for leaf in leaves if (e := _early(node, above, joined, leaf)) is not None), None)
    if found is None:
        return None
    partials = tuple(_partial(c) for c in found.calls)
    grouped = Aggregate(found.side, tuple(c.id for c in found.keys), partials)
    # The key of the groups is unique among them.
    first = replace(found.keys[0], unique=True) if len(found.keys) == 1 else None
    joined = _replaced(joined, found.side, grouped)
    rows = _above(above, joined, node, found, partials)
    single = _once(joined, first)
    calls = tuple(_final(c, found, single) for c in node.calls)
    return Aggregate(rows, node.keys, calls)


def _leaves(plan: Plan) -> tuple[Plan, ...]:
    """Return the inputs of a tree of inner joins."""
    if isinstance(plan, Join) and plan.kind is JoinKind.INNER:
        return (*_leaves(plan.left), *_leaves(plan.right))
    if isinstance(plan, Filter) and isinstance(plan.input, Join):
        return _leaves(plan.input)
    return (plan,)


def _predicates(plan: Plan) -> tuple[Scalar, ...]:
    """Return all conditions of a tree of inner joins."""
    if isinstance(plan, Join) and plan.kind is JoinKind.INNER:
        return (*plan.on, *_predicates(plan.left), *_predicates(plan.right))
    if isinstance(plan, Filter) and isinstance(plan.input, Join):
        return (*plan.predicates, *_predicates(plan.input))
    return ()


def _is_movable(call: AggregateCall) -> bool:
    if call.merge is Merge.COUNT:
        return True
    return call.merge is Merge.SUM and call.argument_type is not None and call.argument_type.base in _EXACT


def _ignores_copies(call: AggregateCall) -> bool:
    return call.merge in (Merge.MIN, Merge.MAX) or _distinct(call) is not None


def _distinct(call: AggregateCall) -> str | None:
    """Return the column of a plain ``count(DISTINCT column)``."""
    node = fragment(call.sql.sql)
    if not isinstance(node, exp.Anonymous) or node.name != "count" or len(node.expressions) != 1:
        return None
    distinct = node.expressions[0]
    if not isinstance(distinct, exp.Distinct) or len(distinct.expressions) != 1 or not is_id(distinct.expressions[0]):
        return None
    return str(distinct.expressions[0].name)


def _early(node: Aggregate, above: Project | None, joined: Plan, leaf: Plan) -> _Early | None:
    """Return how to aggregate one input first, if everything that copies of its rows would change is its own."""
    own = {c.id: c for c in leaf.columns}
    computed = dict(zip((c.id for c in above.columns), above.expressions, strict=True)) if above is not None else {}
    moved = tuple(c for c in node.calls if _is_movable(c))
    if not moved or not isinstance(leaf, (Scan, Filter)) or any(not c.sql.refs <= own.keys() for c in moved):
        return None
    if not any(c.sql.refs for c in moved):
        return None
    outer = {*node.keys, *(r for c in node.calls if c not in moved for r in c.sql.refs)}
    wanted = {r for o in outer for r in (computed[o].refs if o in computed else {o})}
    wanted |= {r for p in _predicates(joined) for r in p.refs}
    keys = tuple(c for c in leaf.columns if c.id in wanted)
    # Rows that differ in a key are not grouped; values that are equal and print otherwise must stay apart.
    if not keys or any(c.unique or not c.type.image_equal or not c.type.groupable for c in keys):
        return None
    return _Early(leaf, keys, moved)


def _partial(call: AggregateCall) -> AggregateCall:
    type_ = call.column.type
    return replace(call, column=Column(f"{call.column.id}_early", type_, nullable=call.column.nullable))


def _final(call: AggregateCall, early: _Early, single: frozenset[str]) -> AggregateCall:
    """Return the call over the groups; one that ignores copies loses its DISTINCT if there are none."""
    if call in early.calls:
        partial = f"{call.column.id}_early"
        return replace(call, sql=Scalar(f"sum({quote(partial)})::{call.column.type.name}", frozenset({partial})))
    name = _distinct(call)
    return replace(call, sql=Scalar(f"count({quote(name)})", call.sql.refs)) if name in single and name else call


def _replaced(plan: Plan, old: Plan, new: Plan) -> Plan:
    if plan is old:
        return new
    if isinstance(plan, (Join, Filter)) and plan not in _leaves(plan):
        return with_inputs(plan, tuple(_replaced(i, old, new) for i in inputs(plan)))
    return plan


def _above(
    above: Project | None, joined: Plan, node: Aggregate, early: _Early, partials: tuple[AggregateCall, ...]
) -> Plan:
    """Return the projection over the joins without what only the moved calls read, and with the partial values."""
    if above is None:
        return joined
    read = {*node.keys, *(r for c in node.calls if c not in early.calls for r in c.sql.refs)}
    pairs = [(c, e) for c, e in zip(above.columns, above.expressions, strict=True) if c.id in read]
    pairs += [(p.column, ref(p.column.id)) for p in partials]
    return Project(joined, tuple(c for c, _ in pairs), tuple(e for _, e in pairs))


def _once(joined: Plan, grouped: Column | None) -> frozenset[str]:
    """Return the unique columns whose rows the joins let out once at most: all other inputs are joined by a key."""
    leaves, predicates = _leaves(joined), _predicates(joined)
    found = set()
    for start in leaves:
        known = {c.id for c in start.columns}
        left = [leaf for leaf in leaves if leaf is not start]
        while more := next((i for i in left if _has_one(i, known, predicates, grouped)), None):
            left.remove(more)
            known |= {c.id for c in more.columns}
        if not left and isinstance(start, (Scan, Filter)):
            found |= {c.id for c in start.columns if c.unique}
    return frozenset(found)


def _has_one(table: Plan, known: set[str], predicates: tuple[Scalar, ...], grouped: Column | None) -> bool:
    """Tell whether a predicate equates a key of a table with something that is known."""
    if isinstance(table, Aggregate):
        unique = {grouped.id} if grouped is not None else set()
    else:
        unique = {c.id for c in table.columns if c.unique} if _is_table(table) else set()
    own = {c.id for c in table.columns}
    for predicate in predicates:
        sides = equality(predicate, own)
        if sides is not None and sides.here.sql in unique and sides.there.refs and sides.there.refs <= known:
            return True
    return False


def _is_table(plan: Plan) -> bool:
    return isinstance(plan, Scan) or (isinstance(plan, Filter) and _is_table(plan.input))
