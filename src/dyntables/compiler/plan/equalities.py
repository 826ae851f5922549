"""Equalities between two sides of a condition."""

from __future__ import annotations

from collections.abc import Container

from sqlglot import exp

from dyntables.compiler.plan.dialect import generate
from dyntables.compiler.plan.nodes import Scalar
from dyntables.compiler.plan.scope import fragment, is_id, unwrap


def equality(predicate: Scalar, here: Container[str]) -> tuple[Scalar, Scalar] | None:
    """Return the sides of ``a = b`` where a reads only columns of ``here``, at least one, and b none of them."""
    node = unwrap(fragment(predicate.sql))
    if not isinstance(node, exp.EQ):
        return None
    left, right = _side(node.left), _side(node.right)
    for a, b in ((left, right), (right, left)):
        if a.refs and all(r in here for r in a.refs) and not any(r in here for r in b.refs):
            return a, b
    return None


def _side(node: exp.Expr) -> Scalar:
    node = unwrap(node)
    return Scalar(generate(node), frozenset(n.name for n in node.find_all(exp.Column) if is_id(n)))
