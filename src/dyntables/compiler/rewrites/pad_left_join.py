"""Below an aggregate that does not see padding, a LEFT JOIN becomes an inner join and one padded row for each left row.

Before:  SELECT l.k, count(r.x), sum(r.y) FROM l LEFT JOIN r ON … GROUP BY l.k
After:   SELECT k, count(x), sum(y)
         FROM (SELECT … FROM l JOIN r ON … UNION ALL SELECT l.k, NULL, NULL FROM l) GROUP BY k

The padded rows keep every group alive, and contribute nothing: COUNT, SUM, AVG, MIN and MAX skip the NULLs of the right
side; MIN and MAX of left columns do not mind seeing a row twice. The result is linear in ``l`` and in ``r`` where the
left join would have to look up, for each change of ``r``, whether a match was won or lost.
Holds if no group key, filter or join condition on the way reads a column of the right side.
"""

from __future__ import annotations

from dataclasses import replace

from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    AggregateCall,
    Filter,
    Join,
    JoinKind,
    Merge,
    Plan,
    Project,
    Scalar,
    UnionAll,
    inputs,
    ref,
    with_inputs,
)


@deep(5)
def pad_left_join(plan: Plan) -> Plan:
    """Apply the rewrite below every aggregate of a plan."""
    below = with_inputs(plan, tuple(pad_left_join(i) for i in inputs(plan)))
    if isinstance(below, Aggregate):
        return replace(below, input=_rewrite(below.input, below))
    return below


def _rewrite(node: Plan, aggregate: Aggregate) -> Plan:
    """Rewrite the left joins between an aggregate and its first other stateful or branching node."""
    rebuilt, _ = _descend(node, aggregate, ())
    return rebuilt


def _descend(node: Plan, aggregate: Aggregate, above: tuple[Plan, ...]) -> tuple[Plan, bool]:
    if isinstance(node, (Filter, Project)):
        below, changed = _descend(node.input, aggregate, (*above, node))
        return (replace(node, input=below), True) if changed else (node, False)
    if not isinstance(node, Join) or node.kind not in (JoinKind.INNER, JoinKind.LEFT):
        return node, False
    left, left_changed = _descend(node.left, aggregate, (*above, node))
    if left_changed:
        node = replace(node, left=left)
    if node.kind is JoinKind.LEFT and _unseen(node, aggregate, above):
        return _padded(node), True
    return node, left_changed


def _unseen(join: Join, aggregate: Aggregate, above: tuple[Plan, ...]) -> bool:
    """Tell whether padding is invisible to the aggregate and to everything on the way."""
    pure = {c.id for c in join.right.columns}
    derived: set[str] = set()
    for node in reversed(above):
        if isinstance(node, Project):
            for column, expression in zip(node.columns, node.expressions, strict=True):
                if expression.sql != column.id and expression.refs & (pure | derived):
                    derived.add(column.id)
        elif isinstance(node, Filter):
            if any(p.refs & (pure | derived) for p in node.predicates):
                return False
        elif isinstance(node, Join) and any(p.refs & (pure | derived) for p in node.on):
            return False
    if set(aggregate.keys) & (pure | derived):
        return False
    return all(_blind(call, pure, derived) for call in aggregate.calls)


def _blind(call: AggregateCall, pure: set[str], derived: set[str]) -> bool:
    if call.argument is None or call.merge is Merge.RECOMPUTE:
        return False
    if call.argument.sql in pure:
        return True
    reads = call.argument.refs | (call.condition.refs if call.condition else frozenset())
    return call.merge in (Merge.MIN, Merge.MAX) and not reads & (pure | derived)


def _padded(join: Join) -> UnionAll:
    columns = join.columns
    every = tuple(ref(c.id) for c in columns)
    own = {c.id for c in join.left.columns}
    padding = tuple(ref(c.id) if c.id in own else Scalar(f"NULL::{c.type.name}", frozenset()) for c in columns)
    matched = Project(replace(join, kind=JoinKind.INNER), columns, every)
    return UnionAll((matched, Project(join.left, columns, padding)), columns)
