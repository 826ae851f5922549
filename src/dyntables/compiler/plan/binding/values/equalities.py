"""Equalities: between two sides of a condition, and between columns, as their types compare.

Names of operators are looked up anew where SQL is run, under an empty path, so what is not the server's own is written
with its schema. DISTINCT, GROUP BY and the like need no name: they go by the default operator class of the type.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import Column, Scalar, SqlType
from dyntables.compiler.plan.binding.scope import fragment, is_id, unwrap
from dyntables.compiler.plan.text.dialect import generate, operator_name


@dataclass(frozen=True, slots=True)
class Equality:
    """``here operator there``, where ``here`` reads only columns that were asked for, and ``there`` none of them."""

    here: Scalar
    there: Scalar
    operator: str


def equality(predicate: Scalar, columns: Container[str]) -> Equality | None:
    """Return the sides of an equality of which one reads columns of ``columns`` only, at least one, the other none."""
    node = unwrap(fragment(predicate.sql))
    operator = equality_operator(node)
    if operator is None or not isinstance(node, exp.Binary):
        return None
    left, right = _side(node.left), _side(node.right)
    for a, b in ((left, right), (right, left)):
        if a.refs and all(r in columns for r in a.refs) and not any(r in columns for r in b.refs):
            return Equality(a, b, operator)
    return None


def equality_operator(node: exp.Expr) -> str | None:
    """Return how a node that is an equality writes it; None for any other node.

    An operator of that name that is none, as that of boxes, which compares areas, is hidden by ``hide_odd``.
    """
    if isinstance(node, exp.EQ):
        return "="
    if isinstance(node, exp.Operator) and not isinstance(node.expression, (exp.Any, exp.All)):
        name = operator_name(node)
        return name if name.endswith(".=)") else None
    return None


def hide_odd(predicate: exp.Expr, columns: Mapping[str, Column], *, every: bool) -> exp.Expr:
    """Return a condition such that ``equality`` takes it for none if it is not the equality that its columns go by.

    ``every``: also unless both sides are columns, as an operator named ``=`` somewhere in the query is no equality. The
    planner sees through the double negation.
    """
    node = unwrap(predicate)
    operator = equality_operator(node)
    if operator is None or not isinstance(node, exp.Binary):
        return predicate
    sides = [unwrap(node.left), unwrap(node.right)]
    types = [columns[s.name].type for s in sides if is_id(s) and s.name in columns]
    if (len(types) == len(sides) or not every) and all(t.groupable and t.equals == operator for t in types):
        return predicate
    return exp.Not(this=exp.Paren(this=exp.Not(this=exp.Paren(this=node.copy()))))


def same(left: str, right: str, type_: SqlType) -> str:
    """Return the condition that two values of a type are equal, or both NULL."""
    if type_.equals == "=":
        return f"{left} IS NOT DISTINCT FROM {right}"
    # IS NULL would also be true of a composite value that has NULLs only.
    both = f"{left} IS NOT DISTINCT FROM NULL AND {right} IS NOT DISTINCT FROM NULL"
    return f"coalesce({left} {type_.equals} {right}, {both})"


def _side(node: exp.Expr) -> Scalar:
    node = unwrap(node)
    return Scalar(generate(node), frozenset(n.name for n in node.find_all(exp.Column) if is_id(n)))
