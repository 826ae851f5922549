"""Aggregates that stand in a subquery and belong to the query around it.

An aggregate belongs to the innermost query of which it reads a column: in ``SELECT g, (SELECT count(*) FROM f WHERE
f.y > max(o.x)) FROM o GROUP BY g`` the maximum is one of the groups of o. Computed there, it is an outer column.
"""

from __future__ import annotations

from sqlglot import exp

from dyntables.compiler.plan.binding.scope import Scope, id_node, is_query, resolve
from dyntables.compiler.plan.text.dialect import generate
from dyntables.compiler.plan.text.phrases import PHRASES_OF_ROWS, Phrase

# What may stand between a window and the call in it.
PARTS = (exp.Dot, exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)


def is_aggregate(node: exp.Expr, names: frozenset[str]) -> bool:
    """Tell whether the node is an aggregate call, its FILTER or WITHIN GROUP included."""
    if isinstance(node, (exp.Filter, exp.WithinGroup)):
        return is_aggregate(node.this, names)
    if isinstance(node, exp.Dot):
        return is_aggregate(node.expression, names)
    if isinstance(node, exp.Anonymous):
        return node.name in names
    if isinstance(node, Phrase):
        return node.name in PHRASES_OF_ROWS
    return isinstance(node, exp.AggFunc)


def outer_calls(parts: list[exp.Expr], scope: Scope, names: frozenset[str]) -> list[tuple[exp.Expr, exp.Expr]]:
    """Return the calls in subqueries of the parts that belong to the query of a scope, and what they are over ids."""
    found = []
    for part in parts:
        for query in [node for node in part.walk(prune=is_query) if is_query(node)]:
            inside = query.walk(prune=lambda node: _belongs(node, scope, names))
            found += [(node, resolve(node, scope)) for node in inside if _belongs(node, scope, names)]
    return found


def replace_calls(calls: list[tuple[exp.Expr, exp.Expr]], ids: dict[str, str]) -> None:
    """Put the ids of their results, by text, in place of the calls."""
    for node, call in calls:
        node.replace(id_node(ids[generate(call)]))


def _belongs(node: exp.Expr, scope: Scope, names: frozenset[str]) -> bool:
    if not is_aggregate(node, names) or _part_of_call(node):
        return False
    read = [n for n in node.walk() if isinstance(n, exp.Column)]
    return all(scope.knows(n) for n in read) and any(n.table in scope.entries for n in read)


def _part_of_call(node: exp.Expr) -> bool:
    """Tell whether a call is that of its FILTER, WITHIN GROUP or schema, which is the whole, or of a window."""
    if isinstance(node.parent, exp.Dot):
        return node.arg_key == "expression"
    return isinstance(node.parent, (exp.Window, *PARTS)) and node.arg_key == "this"
