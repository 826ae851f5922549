"""Which numeric expressions have the same number of decimals in every row.

Equal values of such a one print the same, and a stored sum keeps the scale that the server's own SUM would show.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.compiler.plan.binding.scope import is_id
from dyntables.compiler.plan.text.dialect import generate

INTEGERS = {"smallint", "integer", "bigint"}


def fixed_scale(node: exp.Expr, known: Mapping[str, Column]) -> bool:
    """Tell whether every value of a numeric expression has the same number of decimals."""
    if isinstance(node, (exp.Paren, exp.Neg)):
        return fixed_scale(node.this, known)
    if is_id(node):
        if node.name not in known:
            return False
        type_ = known[node.name].type
        return type_.base in INTEGERS or (type_.base == "numeric" and type_.image_equal)
    if isinstance(node, exp.Literal):
        return not node.is_string
    if isinstance(node, exp.Cast):
        target = generate(node.to).lower()
        return target in ("int", "integer", "bigint", "smallint") or "," in target
    if isinstance(node, exp.Extract):
        return str(node.this.name).lower() != "julian"
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in ("round", "trunc"):
        return len(node.expressions) == 1 or isinstance(node.expressions[1], exp.Literal)
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Mod)):
        return fixed_scale(node.left, known) and fixed_scale(node.right, known)
    return False
