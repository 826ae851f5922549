"""What an OR over several inputs of a join implies for one of them.

Before:  σ[(a.x = 1 ∧ b.y = 2) ∨ (a.x = 3 ∧ b.z > 4)] (a × b)
After:   the same over σ[a.x = 1 ∨ a.x = 3] a × σ[b.y = 2 ∨ b.z > 4] b

PostgreSQL derives these conditions by itself, but only for inputs that it may join in any order. Ours is fixed where
a delta leads, and a join that nothing else narrows would be a product.
"""

from __future__ import annotations

from functools import lru_cache, reduce

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import Filter, Plan, Scalar
from dyntables.compiler.plan.binding.scope import conjuncts, fragment, is_id, unwrap
from dyntables.compiler.plan.binding.values.tame import all_tame
from dyntables.compiler.plan.text.dialect import generate


def narrowed(inputs: tuple[Plan, ...], predicates: tuple[Scalar, ...]) -> tuple[Plan, ...]:
    """Return the inputs of a join, each with the conditions that its predicates imply for that input alone."""
    # Most predicates have no OR, and need not be parsed to see that.
    either = [p for p in predicates if " OR " in p.sql]
    return tuple(_narrow(i, either) for i in inputs) if either else inputs


def _narrow(plan: Plan, either: list[Scalar]) -> Plan:
    own = frozenset(c.id for c in plan.columns)
    found = (_of_input(p.sql, p.refs & own) for p in either if p.refs & own and not p.refs <= own)
    known = plan.predicates if isinstance(plan, Filter) else ()
    implied = tuple(s for s in found if s is not None and s not in known)
    # A condition is reached earlier here than it would be in its place.
    return Filter(plan, implied) if implied and all_tame(implied, plan.columns) else plan


@lru_cache(maxsize=1000)
def _of_input(sql: str, own: frozenset[str]) -> Scalar | None:
    """Return what a predicate implies for some of its columns; a join is laid open many times."""
    node = _implied(fragment(sql), own)
    return None if node is None else Scalar(generate(node), _refs(node))


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


def _refs(node: exp.Expr) -> frozenset[str]:
    return frozenset(n.name for n in node.find_all(exp.Column) if is_id(n))
