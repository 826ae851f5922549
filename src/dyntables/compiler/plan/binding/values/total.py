"""Expressions that have a value for every row: evaluating them can never fail.

Rows that came and went between two refreshes must not make a refresh fail, so only such expressions may be evaluated
over changes that are not consolidated yet. What is not known to be harmless is taken to be able to fail.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.nodes import Column, Scalar, SqlType
from dyntables.compiler.plan.binding.scope import fragment, is_id

_COMPARED = {
    "boolean", "smallint", "integer", "bigint", "numeric", "text", "character varying", "character", "date", "uuid",
    "timestamp without time zone", "timestamp with time zone", "real", "double precision",
}  # fmt: skip
_LOGIC = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.Between, exp.In,
    exp.Array, exp.Any, exp.Tuple, exp.Null, exp.Boolean, exp.Literal, exp.Neg, exp.Case, exp.If, exp.Coalesce,
)  # fmt: skip
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul)


def all_total(scalars: Iterable[Scalar], columns: Iterable[Column]) -> bool:
    """Tell whether expressions over columns have a value for every row."""
    types = {c.id: c.type for c in columns}
    return all(s.refs == {s.sql} or _is_total(fragment(s.sql), types) for s in scalars)


@deep(5)
def _is_total(node: exp.Expr, types: dict[str, SqlType]) -> bool:
    if not any(is_id(n) for n in node.find_all(exp.Column)):
        # Whatever a constant does, it does for every row.
        return True
    if is_id(node):
        return node.name in types and types[node.name].base in _COMPARED
    if isinstance(node, _ARITHMETIC) and not (_bounded(node.left, types) and _bounded(node.right, types)):
        return False
    if not isinstance(node, (*_LOGIC, *_ARITHMETIC)):
        return False
    return all(_is_total(child, types) for child in node.iter_expressions())


@deep(4)
def _bounded(node: exp.Expr, types: dict[str, SqlType]) -> bool:
    """Tell whether values are of type numeric and so small that a few sums and products of them cannot overflow."""
    if isinstance(node, (exp.Paren, exp.Neg)):
        return _bounded(node.this, types)
    if isinstance(node, _ARITHMETIC):
        return _bounded(node.left, types) and _bounded(node.right, types)
    if isinstance(node, exp.Cast):
        return isinstance(node.this, (exp.Literal, exp.Paren)) and node.to.is_type("decimal")
    return is_id(node) and node.name in types and "," in types[node.name].name and types[node.name].base == "numeric"
