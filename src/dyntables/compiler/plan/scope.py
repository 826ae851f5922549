"""Names in scope while a query is bound, and expressions over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from dyntables.compiler.plan.dialect import generate
from dyntables.compiler.plan.nodes import Column, Scalar
from dyntables.compiler.reasons import NotIncremental, Reason


@dataclass(slots=True)
class Scope:
    """What FROM offers: columns by alias, and the merged columns of USING by bare name."""

    entries: dict[str, dict[str, Column]] = field(default_factory=dict)
    merged: dict[str, exp.Expr] = field(default_factory=dict)

    def add(self, alias: str, columns: dict[str, Column]) -> None:
        """Add a FROM item."""
        self.entries[alias] = columns

    def join(self, other: Scope) -> Scope:
        """Return the scope of a join of two items."""
        return Scope({**self.entries, **other.entries}, {**self.merged, **other.merged})

    def bare(self, name: str) -> exp.Expr:
        """Return the AST that an unqualified column stands for."""
        if name in self.merged:
            return self.merged[name].copy()
        for columns in self.entries.values():
            if name in columns:
                return id_node(columns[name].id)
        raise NotIncremental(Reason.WHOLE_ROW, f'"{name}" is not a column in scope', name)

    def resolve(self, node: exp.Column) -> exp.Expr:
        """Return the AST over ids for a column reference."""
        if isinstance(node.this, exp.Star):
            raise NotIncremental(Reason.WHOLE_ROW, "a whole row is used as a value", generate(node))
        if not node.table:
            return self.bare(node.name)
        columns = self.entries.get(node.table)
        if columns is None or node.name not in columns:
            raise NotIncremental(Reason.WHOLE_ROW, "a composite value or whole row is used", generate(node))
        return id_node(columns[node.name].id)


ID_MARK = "dt_id"


def id_node(column: str) -> exp.Expr:
    """Return the AST of a reference to a column id."""
    node = exp.column(exp.to_identifier(column))
    node.set(ID_MARK, True)
    return node


def is_id(node: exp.Expr) -> bool:
    """Tell whether the node is a reference to a column id made by us."""
    return isinstance(node, exp.Column) and bool(node.args.get(ID_MARK))


_SUBQUERIES = (exp.Select, exp.SetOperation, exp.Exists)


def resolve(expression: exp.Expr, scope: Scope) -> exp.Expr:
    """Return a copy of the expression over column ids."""
    for node in expression.walk():
        if isinstance(node, _SUBQUERIES):
            raise NotIncremental(
                Reason.SUBQUERY, "a subquery in an expression is not maintained yet", generate(expression)
            )

    def replace(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and not is_id(node):
            return scope.resolve(node)
        return node

    return expression.copy().transform(replace)


def to_scalar(expression: exp.Expr) -> Scalar:
    """Return a resolved expression as SQL text with the ids that it reads."""
    refs = frozenset(node.name for node in expression.find_all(exp.Column) if is_id(node))
    stray = [node for node in expression.find_all(exp.Column) if not is_id(node)]
    if stray:
        raise NotIncremental(Reason.WHOLE_ROW, "a name is not a column in scope", generate(stray[0]))
    return Scalar(generate(unwrap(expression)), refs)


def substitute(expression: exp.Expr, by_sql: Mapping[str, str]) -> exp.Expr:
    """Replace every subexpression whose text is a key by a reference to the id that is its value."""

    def replace(node: exp.Expr) -> exp.Expr:
        column = by_sql.get(generate(node))
        return id_node(column) if column is not None else node

    return expression.copy().transform(replace)


def conjuncts(expression: exp.Expr) -> list[exp.Expr]:
    """Split a predicate at its top-level ANDs."""
    expression = unwrap(expression)
    if isinstance(expression, exp.And):
        return conjuncts(expression.left) + conjuncts(expression.right)
    return [expression]


def unwrap(expression: exp.Expr) -> exp.Expr:
    """Return the expression without the parentheses around it."""
    while isinstance(expression, exp.Paren):
        expression = expression.this
    return expression
