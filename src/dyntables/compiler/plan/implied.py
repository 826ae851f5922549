"""What an OR over several inputs of a join implies for one of them.

Before:  σ[(a.x = 1 ∧ b.y = 2) ∨ (a.x = 3 ∧ b.z > 4)] (a × b)
After:   the same over σ[a.x = 1 ∨ a.x = 3] a × σ[b.y = 2 ∨ b.z > 4] b

PostgreSQL derives these conditions by itself, but only for inputs that it may join in any order. Ours is fixed where
a delta leads, and a join that nothing else narrows would be a product.
"""

from __future__ import annotations

from functools import reduce

from sqlglot import exp

from dyntables.compiler.plan.dialect import generate
from dyntables.compiler.plan.nodes import Filter, Plan, Scalar
from dyntables.compiler.plan.scope import conjuncts, fragment, is_id, unwrap
from dyntables.compiler.plan.total import all_total


def narrowed(inputs: tuple[Plan, ...], predicates: tuple[Scalar, ...]) -> tuple[Plan, ...]:
    """Return the inputs of a join, each with the conditions that its predicates imply for that input alone."""
    # Most predicates have no OR, and need not be parsed to see that.
    either = [(p.refs, unwrap(fragment(p.sql))) for p in predicates if " OR " in p.sql]
    return tuple(_narrow(i, either) for i in inputs) if either else inputs


def _narrow(plan: Plan, either: list[tuple[frozenset[str], exp.Expr]]) -> Plan:
    own = frozenset(c.id for c in plan.columns)
    found = [_implied(node, own) for refs, node in either if refs & own and not refs <= own]
    known = set(plan.predicates) if isinstance(plan, Filter) else set()
    implied = tuple(s for node in found if node is not None and (s := _scalar(node)) not in known)
    # A condition may be reached earlier here than it would be in its place.
    return Filter(plan, implied) if implied and all_total(implied, plan.columns) else plan


def _implied(node: exp.Expr, own: frozenset[str]) -> exp.Expr | None:
    """Return the strongest condition over the given columns that holds wherever a condition does, or None."""
    node = unwrap(node)
    if isinstance(node, exp.Or):
        left, right = _implied(node.left, own), _implied(node.right, own)
        return None if left is None or right is None else exp.or_(left, right, copy=True)
    if isinstance(node, exp.And):
        parts = [p for c in conjuncts(node) if (p := _implied(c, own)) is not None]
        return reduce(lambda a, b: exp.and_(a, b, copy=True), parts) if parts else None
    refs = _refs(node)
    return node if refs and refs <= own else None


def _scalar(node: exp.Expr) -> Scalar:
    return Scalar(generate(node), _refs(node))


def _refs(node: exp.Expr) -> frozenset[str]:
    return frozenset(n.name for n in node.find_all(exp.Column) if is_id(n))
