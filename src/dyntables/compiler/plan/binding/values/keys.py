"""Key expressions of GROUP BY and PARTITION BY → columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import Column, Plan, Project, SqlType, ref
from dyntables.compiler.plan.binding.scope import is_id, to_scalar
from dyntables.compiler.plan.binding.values.nullability import nullable
from dyntables.compiler.plan.text.dialect import generate

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder


def project_keys(binder: Binder, plan: Plan, keys: list[exp.Expr]) -> tuple[Plan, list[str]]:
    """Return the plan with each key expression as a column, and the ids of the keys."""
    if all(is_id(k) for k in keys):
        return plan, [k.name for k in keys]
    computed: dict[str, exp.Expr] = {}
    ids: list[str] = []
    for key in keys:
        if is_id(key):
            ids.append(key.name)
            continue
        text = generate(key)
        computed.setdefault(text, key)
        ids.append(text)
    known = {c.id: c for c in plan.columns}
    columns = list(plan.columns)
    expressions = [ref(c.id) for c in plan.columns]
    by_text: dict[str, str] = {}
    for text, key in computed.items():
        column = Column(binder.ids.fresh("key"), SqlType("unknown"), nullable(key, known))
        by_text[text] = column.id
        columns.append(column)
        expressions.append(to_scalar(key))
    typed = binder.typed(plan, columns, expressions)
    return Project(plan, typed, tuple(expressions)), [by_text.get(i, i) for i in ids]
