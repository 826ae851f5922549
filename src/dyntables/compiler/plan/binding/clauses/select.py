"""One SELECT → FROM, WHERE, GROUP BY, HAVING, windows, select list, DISTINCT, ORDER BY … LIMIT, in that order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import Aggregate, Bound, Column, Plan, Project, ref
from dyntables.compiler.plan.binding.clauses import aggregates, windows
from dyntables.compiler.plan.binding.clauses.filters import filter_rows
from dyntables.compiler.plan.binding.clauses.from_clause import bind_from
from dyntables.compiler.plan.binding.clauses.limits import (
    Sorting,
    first_of_each,
    keep_top,
    leaves_out,
    limited,
    ordered_by,
    record,
)
from dyntables.compiler.plan.binding.scope import Scope, resolve
from dyntables.compiler.plan.binding.subqueries.subqueries import attach
from dyntables.compiler.plan.text.determined import tie_breakers
from dyntables.compiler.plan.text.dialect import generate

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder


def bind_select(binder: Binder, tree: exp.Select, around: Scope) -> Bound:
    """Bind one SELECT."""
    plan, scope = bind_from(binder, tree, around)
    if tree.args.get("where") is not None:
        plan = filter_rows(binder, plan, scope, resolve(tree.args["where"].this, scope))
    distinct = tree.args.get("distinct")
    on = distinct.args.get("on") if distinct is not None else None

    names = tuple(item.alias_or_name or "?column?" for item in tree.expressions)
    items = [resolve(item.unalias(), scope) for item in tree.expressions]
    width = len(items)
    order = _order(tree, scope, items) if limited(tree) or on is not None else []
    firsts = [resolve(e, scope) for e in on.expressions] if on is not None else []
    items += [*(o.this for o in order), *firsts]
    items = [windows.name_windows(i, tree, scope) for i in items]
    having = resolve(tree.args["having"].this, scope) if tree.args.get("having") is not None else None

    grouped = aggregates.bind_grouping(binder, tree, plan, scope, items, having)
    if grouped is not None:
        plan, items, having = grouped
    for number, item in enumerate(items):
        plan, items[number] = attach(binder, plan, scope, item)
    if having is not None:
        plan = filter_rows(binder, plan, scope, having)
    plan, items = windows.bind_windows(binder, plan, items)

    plan, outputs, hidden = _project(binder, plan, list(zip(names, items, strict=False)), items[width:])
    if distinct is not None and on is None:
        plan = Aggregate(plan, tuple(c.id for c in plan.columns), ())
    if on is not None or leaves_out(tree, plan):
        plan = _keep(binder, tree, plan, Bound(plan, names, outputs), order, hidden)
    if hidden and outputs:
        plan = Project(plan, outputs, tuple(ref(c.id) for c in outputs))
    return Bound(plan, names, outputs)


def _keep(
    binder: Binder, tree: exp.Select, plan: Plan, listed: Bound, order: list[exp.Ordered], hidden: list[Column]
) -> Plan:
    """Return what DISTINCT ON, LIMIT and OFFSET keep; ``hidden`` are the columns of ORDER BY, and of DISTINCT ON."""
    by, keys = hidden[: len(order)], list(dict.fromkeys(hidden[len(order) :]))
    own = ordered_by(order, by) or tuple(ref(k.id) for k in keys)
    sorting = Sorting(own, tie_breakers(plan, by or keys, listed.outputs))
    clauses = [*(("order", n) for n in range(len(order))), *(("on", n) for n in range(len(hidden) - len(order)))]
    shown = {c.id for c in listed.outputs}
    more = {c.id: clause for clause, c in zip(clauses, hidden, strict=True) if c.id not in shown}
    record(binder, tree, listed, sorting, {clause: i for i, clause in more.items()}, tuple(k.id for k in keys))
    if keys:
        plan = first_of_each(binder, plan, keys, sorting)
    return keep_top(binder, tree, plan, sorting)


def _project(
    binder: Binder, plan: Plan, visible: list[tuple[str, exp.Expr]], hidden: list[exp.Expr]
) -> tuple[Plan, tuple[Column, ...], list[Column]]:
    """Return a projection, its visible columns, and the column of each hidden item."""
    texts = [generate(item) for _, item in visible]
    more = {text: item for item in hidden if (text := generate(item)) not in texts}
    plan, columns = binder.project(plan, [*visible, *(("sort", item) for item in more.values())])
    by_text = dict(zip([*texts, *more], columns, strict=True))
    return plan, columns[: len(visible)], [by_text[generate(item)] for item in hidden]


def _order(tree: exp.Select, scope: Scope, items: list[exp.Expr]) -> list[exp.Ordered]:
    """Return ORDER BY with its expressions over ids; a number stands for an item of the select list."""
    clause = tree.args.get("order")
    found = []
    for ordered in clause.expressions if clause is not None else []:
        copied = ordered.copy()
        by = ordered.this
        numbered = isinstance(by, exp.Literal) and not by.is_string
        copied.set("this", items[int(by.name) - 1].copy() if numbered else resolve(by, scope))
        found.append(copied)
    return found
