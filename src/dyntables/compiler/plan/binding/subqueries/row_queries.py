"""Functions in FROM, and queries that read nothing but the row around them.

``unnest(t.array)`` or ``(SELECT max(v) FROM unnest(t.array) v)`` depend on one row of ``t`` only, so their text is kept
as it is and evaluated for each row that changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.names import quote_qualified
from dyntables.compiler.plan.algebra.nodes import Apply, Bound, Column, JoinKind, Scalar
from dyntables.compiler.plan.binding.scope import (
    ROW_LOCAL,
    Scope,
    is_id,
    is_query,
    outside_queries,
    refuse_clock,
    resolve,
    to_scalar,
)
from dyntables.compiler.plan.text.dialect import generate
from dyntables.compiler.reasons import NotIncremental, Reason

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder

RowQuery = tuple[Scalar, tuple[str, ...], tuple[Column, ...]]


def is_row_local(item: exp.Expr) -> bool:
    """Tell whether a FROM item or query reads no relation."""
    return not any(isinstance(node.this, exp.Identifier) for node in item.find_all(exp.Table))


def localized(asking: exp.Expr, scope: Scope) -> exp.Expr:
    """Return a row-local query, or what asks it, in which the columns of the row around it are ids."""

    def replace(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column) or is_id(node) or not scope.knows(node):
            return node
        return scope.resolve(node)

    changed = asking.copy().transform(replace)
    for query in outside_queries(changed):
        if is_query(query):
            query.meta[ROW_LOCAL] = True
    return changed


def bind_row_query(binder: Binder, item: exp.Lateral, scope: Scope) -> RowQuery:
    """Bind a row-local LATERAL item; return its query, its names and its columns."""
    if is_query(item.this):
        query = localized(item.this, scope)
        refuse_clock(query)
        text = generate(query if isinstance(query, exp.Subquery) else exp.Paren(this=query))
        refs = frozenset(n.name for n in query.find_all(exp.Column) if is_id(n))
        names = alias_columns(item) or tuple(e.alias_or_name for e in query.find(exp.Select).expressions)  # type: ignore[union-attr]
        return _columns(binder, f"{text} x({_list(names)})", refs, names, scope)
    text, refs, names = _call(item, scope)
    return _columns(binder, text, refs, names, scope)


def bind_function(binder: Binder, item: exp.Expr) -> Bound:
    """Bind a function in FROM that reads no column but those of a query around it."""
    text, refs, names = _call(item, binder.around)
    if refs:
        query, names, columns = _columns(binder, text, refs, names, binder.around)
        return Bound(Apply(JoinKind.INNER, binder.one_row(), query, columns, ()), names, columns)
    items = ", ".join(f"x.{quote_qualified(n)}" for n in names)
    return binder.constant(f"SELECT {items} FROM {text}", names)


def alias_columns(item: exp.Expr) -> tuple[str, ...]:
    """Return the column names that a FROM item's alias gives."""
    alias = item.args.get("alias")
    return tuple(c.name for c in (alias.args.get("columns") or [])) if isinstance(alias, exp.TableAlias) else ()


def _columns(binder: Binder, text: str, refs: frozenset[str], names: tuple[str, ...], scope: Scope) -> RowQuery:
    items = ", ".join(f"x.{quote_qualified(n)}" for n in names)
    outer, binder.around = binder.around, scope
    try:
        types = binder.describe(f"SELECT {items} FROM {text}")
    finally:
        binder.around = outer
    columns = tuple(Column(binder.ids.fresh(n), t) for n, t in zip(names, types, strict=True))
    selected = ", ".join(f"x.{quote_qualified(n)} AS {c.id}" for n, c in zip(names, columns, strict=True))
    return Scalar(f"SELECT {selected} FROM {text}", refs), names, columns


def _call(item: exp.Expr, scope: Scope) -> tuple[str, frozenset[str], tuple[str, ...]]:
    """Return a function call as a FROM item ``x``, the ids that it reads, and the names of its columns."""
    alias = item.args.get("alias")
    call = item.this if isinstance(item, exp.Lateral) else item
    columns = list(alias.args.get("columns") or []) if isinstance(alias, exp.TableAlias) else []
    ordinal = bool(item.args.get("ordinality"))
    if isinstance(call, exp.Unnest) and call.args.get("offset"):
        columns.append(call.args["offset"])
        ordinal = True
    parts = call.args.get("rows_from") if isinstance(call, exp.Table) else None
    if parts:
        resolved = [_scalar(p, scope) for p in parts]
        text = f"ROWS FROM({', '.join(r.sql for r in resolved)})"
    else:
        resolved = [_scalar(call, scope)]
        text = resolved[0].sql
    refs = frozenset[str]().union(*(r.refs for r in resolved))
    if not columns:
        raise NotIncremental(Reason.SET_RETURNING_FUNCTION, "a function in FROM without named columns", text)
    named = ", ".join(generate(c) for c in columns)
    return f"{text}{' WITH ORDINALITY' if ordinal else ''} AS x({named})", refs, tuple(c.name for c in columns)


def _scalar(part: exp.Expr, scope: Scope) -> Scalar:
    call = part.this if isinstance(part, exp.Table) else part
    if isinstance(part, exp.Table) and part.args.get("db") is not None:
        call = exp.Dot(this=part.args["db"].copy(), expression=call.copy())
    name = call.expression if isinstance(call, exp.Dot) else call
    if not isinstance(name, (exp.Anonymous, exp.Unnest)):
        raise NotIncremental(
            Reason.SET_RETURNING_FUNCTION, "a call with syntax of its own stands in FROM", generate(part)
        )
    call = call.copy()
    for extra in ("alias", "offset"):
        call.set(extra, None)
    return to_scalar(resolve(call, scope))


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(quote_qualified(n) for n in names)
