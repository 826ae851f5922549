"""Lateral column aliases: an item, WHERE, GROUP BY, HAVING and QUALIFY may name an item of the same SELECT."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.read import fold

Offered = Callable[[], frozenset[str] | None]


def resolve_aliases(select: exp.Select, offered: Offered) -> None:
    """Replace names of items by their expressions; a column of FROM of that name comes first.

    Args:
        select: changed in place.
        offered: asks for the names of the columns that FROM offers; only called if it matters, and
            None if they cannot be told.
    """
    known: dict[str, exp.Expr] = {}
    for item in select.expressions:
        _replace(item.this if isinstance(item, exp.Alias) else item, known, offered, item)
        if isinstance(item, exp.Alias):
            known.setdefault(fold(item.args["alias"]), item.this)
    for clause in ("where", "group", "having", "qualify"):
        node = select.args.get(clause)
        if node is not None:
            _replace(node, known, offered, node)
    for key in _order_keys(select):
        # A key that is only a name is an output column in both databases.
        if not isinstance(key.this, exp.Column):
            _replace(key, known, offered, key)


def _order_keys(select: exp.Select) -> list[exp.Expr]:
    order = select.args.get("order")
    return list(order.expressions) if order is not None else []


def _replace(root: exp.Expr, known: dict[str, exp.Expr], offered: Offered, parent: exp.Expr) -> None:
    if not known:
        return
    found = [
        node
        for node in root.walk(prune=lambda n: isinstance(n, exp.Query))
        if isinstance(node, exp.Column)
        and not node.table
        and isinstance(node.this, exp.Identifier)
        and fold(node.this) in known
        and known[fold(node.this)] is not node
    ]
    for column in found:
        name = fold(column.this)
        names = offered()
        # If FROM cannot be asked, the name stays: it is then a column, or an error.
        if names is None or name in names:
            continue
        column.replace(exp.Paren(this=known[name].copy()))
