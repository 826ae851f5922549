"""IN, ANY and ALL over a subquery, as one comparison of a row with the subquery's rows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from dyntables.compiler.plan.binding.scope import is_query, unwrap
from dyntables.compiler.plan.binding.values.equalities import equality_operator
from dyntables.compiler.plan.text.dialect import generate


@dataclass(frozen=True, slots=True)
class Membership:
    """``left operator ANY (query)``, or ALL if ``every``.

    What is looked for is a row that decides: for ANY one that satisfies the comparison, for ALL one that violates it;
    ``or_unknown`` if also one for which it is NULL.
    """

    left: tuple[exp.Expr, ...]
    comparison: exp.Binary
    query: exp.Expr
    every: bool = False
    or_unknown: bool = False

    def holds(self, left: tuple[exp.Expr, ...], right: list[str]) -> str:
        """Return the condition that a row with columns ``right`` decides."""
        pairs = [generate(self._compare(exp.Paren(this=a.copy()), b)) for a, b in zip(left, right, strict=True)]
        if equality_operator(self._compare(exp.Null(), "NULL")) is not None and not self.every:
            test = " IS NOT FALSE" if self.or_unknown else ""
            return " AND ".join(f"({p}){test}" for p in pairs)
        text = pairs[0]
        if len(left) > 1:
            row = exp.Anonymous(this="ROW", expressions=[a.copy() for a in left])
            text = generate(self._compare(row, f"ROW({', '.join(right)})"))
        if self.or_unknown:
            return f"({text}) IS NOT {'TRUE' if self.every else 'FALSE'}"
        return f"NOT ({text})" if self.every else text

    def _compare(self, left: exp.Expr, right: str) -> exp.Binary:
        compared: exp.Binary = self.comparison.copy()
        compared.set("this", left)
        compared.set("expression", exp.Var(this=right))
        return compared


def membership(node: exp.Expr) -> Membership | None:
    """Return what a node asks of a subquery, or None if it is no such question."""
    if isinstance(node, exp.In) and node.args.get("query") is not None:
        return Membership(_items(node.this), exp.EQ(), _inside(node.args["query"]))
    if isinstance(node, exp.Binary) and isinstance(node.expression, (exp.Any, exp.All)):
        query = _inside(node.expression.this)
        if is_query(query):
            comparison = (
                exp.Operator(operator=node.args["operator"]) if isinstance(node, exp.Operator) else type(node)()
            )
            return Membership(_items(node.this), comparison, query, isinstance(node.expression, exp.All))
    return None


def with_left(node: exp.Expr, left: tuple[exp.Expr, ...]) -> exp.Expr:
    """Return a node that asks such a question with another left side."""
    changed: exp.Expr = node.copy()
    changed.set("this", exp.Tuple(expressions=list(left)) if len(left) > 1 else left[0])
    return changed


def _inside(query: exp.Expr) -> exp.Expr:
    query = unwrap(query)
    return query.this if isinstance(query, exp.Subquery) else query


def _items(left: exp.Expr) -> tuple[exp.Expr, ...]:
    left = unwrap(left)
    if isinstance(left, exp.Tuple):
        return tuple(left.expressions)
    return (left,)
