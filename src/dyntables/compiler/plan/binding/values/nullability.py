"""Which expressions can be NULL: true when in doubt."""

from __future__ import annotations

from sqlglot import exp

from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.compiler.plan.binding.scope import is_id, unwrap

_KEEPS_NOT_NULL = {"date_trunc", "abs", "length"}
# Of an infinite time the others are NULL.
_PARTS_OF_INFINITY = {"year", "isoyear", "decade", "century", "millennium", "epoch", "julian"}
_TEXTS = {"text", "character varying", "character", "name"}


@deep(5)
def nullable(item: exp.Expr, known: dict[str, Column]) -> bool:
    """Tell whether an expression may be NULL; true when in doubt."""
    item = unwrap(item)
    if is_id(item):
        # A column of the query around a subquery is not among the known ones.
        return item.name not in known or known[item.name].nullable
    if isinstance(item, exp.Literal):
        return False
    if isinstance(item, exp.Cast):
        # A null within jsonb becomes NULL, and what a cast of the user's makes is not known.
        inner = known.get(unwrap(item.this).name) if is_id(unwrap(item.this)) else None
        odd = inner is not None and (inner.type.base == "jsonb" or "." in inner.type.name)
        return odd or nullable(item.this, known)
    if isinstance(item, (exp.Add, exp.Sub, exp.Mul)):
        return nullable(item.left, known) or nullable(item.right, known)
    if isinstance(item, exp.Extract):
        return item.this.name.lower() not in _PARTS_OF_INFINITY or nullable(item.expression, known)
    if isinstance(item, exp.Anonymous) and str(item.this).lower() in ("lower", "upper"):
        # Of a range they are its bounds, which may be missing.
        argument = unwrap(item.expressions[0])
        text = is_id(argument) and argument.name in known and known[argument.name].type.base in _TEXTS
        return not text or nullable(argument, known)
    if isinstance(item, exp.Anonymous) and str(item.this).lower() in _KEEPS_NOT_NULL:
        return any(nullable(argument, known) for argument in item.expressions)
    return True
