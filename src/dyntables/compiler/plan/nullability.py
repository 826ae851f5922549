"""Which expressions can be NULL: true when in doubt."""

from __future__ import annotations

from sqlglot import exp

from dyntables.compiler.plan.nodes import Column
from dyntables.compiler.plan.scope import is_id

_KEEPS_NOT_NULL = {"date_trunc", "lower", "upper", "abs", "extract", "length"}


def nullable(item: exp.Expr, known: dict[str, Column]) -> bool:
    """Tell whether an expression may be NULL; true when in doubt."""
    item = item.this if isinstance(item, exp.Paren) else item
    if is_id(item):
        # A column of the query around a subquery is not among the known ones.
        return item.name not in known or known[item.name].nullable
    if isinstance(item, exp.Literal):
        return False
    if isinstance(item, exp.Cast):
        return nullable(item.this, known)
    if isinstance(item, (exp.Add, exp.Sub, exp.Mul)):
        return nullable(item.left, known) or nullable(item.right, known)
    if isinstance(item, exp.Extract):
        return nullable(item.expression, known)
    if isinstance(item, exp.Anonymous) and str(item.this).lower() in _KEEPS_NOT_NULL:
        return any(nullable(argument, known) for argument in item.expressions)
    return True
