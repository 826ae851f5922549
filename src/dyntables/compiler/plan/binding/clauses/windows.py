"""Window functions of one SELECT → one Window node for each set of partition keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import Column, Plan, Window
from dyntables.compiler.plan.algebra.render import from_item
from dyntables.compiler.plan.binding.budget import WINDOW
from dyntables.compiler.plan.binding.scope import (
    Scope,
    id_node,
    is_id,
    outside_queries,
    resolve,
    substitute,
    to_scalar,
    unwrap,
)
from dyntables.compiler.plan.binding.values.keys import project_keys
from dyntables.compiler.plan.text.dialect import generate

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder


def name_windows(item: exp.Expr, tree: exp.Select, scope: Scope) -> exp.Expr:
    """Replace references to the SELECT's WINDOW clause by the definitions themselves."""
    named = {str(w.name): w for w in tree.args.get("windows") or []}
    if not named:
        return item

    def parts(window: exp.Expr) -> dict[str, object]:
        """Return the clauses of a window: its own, and those of the named one that it refers to."""
        own = {part: window.args.get(part) for part in ("partition_by", "order", "spec")}
        alias = window.args.get("alias")
        if alias is None:
            return own
        above = parts(named[str(alias.name)])
        # A reference in parentheses takes no frame; only one without leaves all to the named window.
        return {part: value or above[part] for part, value in own.items()}

    def replace(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Window) or node.args.get("alias") is None:
            return node
        copied = node.copy()
        copied.set("alias", None)
        for part, value in parts(node).items():
            resolved = [resolve(v, scope) for v in value] if isinstance(value, list) else value
            copied.set(part, resolve(resolved, scope) if isinstance(resolved, exp.Expr) else resolved)
        return copied

    return item.transform(replace)


def bind_windows(binder: Binder, plan: Plan, items: list[exp.Expr]) -> tuple[Plan, list[exp.Expr]]:
    """Add the window functions of the items to the plan; return the items over it."""
    calls = {generate(node): node for item in items for node in outside_queries(item) if isinstance(node, exp.Window)}
    binder.budget.spend(WINDOW * len(calls))
    by_partition: dict[tuple[str, ...], dict[str, exp.Window]] = {}
    for text, call in calls.items():
        plan, call, partition = _partition(binder, plan, call)
        by_partition.setdefault(partition, {})[text] = call
    for partition, members in by_partition.items():
        scalars = tuple(to_scalar(call) for call in members.values())
        described = ", ".join(s.sql for s in scalars)
        types = binder.describe(f"SELECT {described} FROM {from_item(plan, 'w')}")
        added = tuple(Column(binder.ids.fresh("window"), type_) for type_ in types)
        plan = Window(plan, partition, added, scalars)
        by_sql = {text: column.id for text, column in zip(members, added, strict=True)}
        items = [substitute(item, by_sql) for item in items]
    return plan, items


def _partition(binder: Binder, plan: Plan, call: exp.Window) -> tuple[Plan, exp.Window, tuple[str, ...]]:
    """Return the plan with the partition expressions as columns, and the call over them."""
    keys = [unwrap(k) for k in call.args.get("partition_by") or []]
    if all(is_id(k) for k in keys):
        return plan, call, tuple(sorted({k.name for k in keys}))
    plan, ids = project_keys(binder, plan, keys)
    copied = call.copy()
    copied.set("partition_by", [id_node(i) for i in ids])
    return plan, copied, tuple(sorted(set(ids)))
