"""Subqueries in expressions → joins.

EXISTS, IN, ANY and ALL as conditions become semi- and anti-joins; elsewhere a MARK join says for each row whether there
is a match, and SQL's three-valued answer is put together from marks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import (
    Column,
    Join,
    JoinKind,
    Plan,
    Scalar,
    SqlType,
)
from dyntables.compiler.plan.binding.budget import SUBQUERY
from dyntables.compiler.plan.binding.scope import Scope, fragment, id_node, is_query, rewrite, unwrap
from dyntables.compiler.plan.binding.subqueries.dependent import close
from dyntables.compiler.plan.binding.subqueries.membership import Membership, membership, with_left
from dyntables.compiler.plan.binding.subqueries.row_queries import is_row_local, localized
from dyntables.compiler.plan.binding.subqueries.scalar_queries import array_query, row, scalar
from dyntables.compiler.plan.binding.values.nullability import nullable
from dyntables.compiler.plan.text.dialect import generate
from dyntables.compiler.reasons import placed

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder

_BOOLEAN = SqlType("boolean")


def semi_join(binder: Binder, plan: Plan, scope: Scope, predicate: exp.Expr) -> Plan | None:
    """Return the rows for which a condition that is one EXISTS, IN, ANY or ALL holds; None for any other."""
    node, negated = unwrap(predicate), False
    while isinstance(node, exp.Not):
        node, negated = unwrap(node.this), not negated
    if isinstance(node, exp.Exists) and not is_row_local(node.this):
        right, on = _matching(binder, plan, scope, _unlimited(node.this), None, ())
        return Join(JoinKind.ANTI if negated else JoinKind.SEMI, plan, right, on)
    asked = membership(node)
    if asked is None or is_row_local(asked.query):
        return None
    plan, left = _left(binder, plan, scope, asked)
    # Over all rows, "for all" is "for none not"; so there are two cases.
    if asked.every == negated:
        right, on = _matching(binder, plan, scope, asked.query, asked, left)
        return Join(JoinKind.SEMI, plan, right, on)
    for condition in _conditions(binder, plan, scope, asked, left):
        right, on = _matching(binder, plan, scope, asked.query, condition, left)
        plan = Join(JoinKind.ANTI, plan, right, on)
    return plan


def attach(binder: Binder, plan: Plan, scope: Scope, expression: exp.Expr) -> tuple[Plan, exp.Expr]:
    """Return the plan with a column for each subquery of an expression, and the expression over them.

    A subquery that reads no table stays where it is.
    """

    def change(node: exp.Expr) -> exp.Expr | None:
        nonlocal plan
        asked = membership(node)
        query = asked.query if asked is not None else _asked_query(node)
        if query is None:
            return None
        if asked is None and isinstance(node, exp.Binary):
            plan, left = attach(binder, plan, scope, node.left)
            node = with_left(node, (left,))
        if is_row_local(query):
            if asked is not None:
                plan, items = _left(binder, plan, scope, asked)
                node = with_left(node, items)
            return localized(node, scope)
        if isinstance(node, exp.Exists):
            plan, mark = _mark(binder, plan, *_matching(binder, plan, scope, _unlimited(query), None, ()))
            return id_node(mark)
        if asked is not None:
            plan, answer = _answer(binder, plan, scope, asked)
            return answer
        if isinstance(node, exp.Anonymous):
            plan, value = scalar(binder, plan, scope, array_query(binder, query))
            return fragment(f"COALESCE({generate(value)}, '{{}}')")
        if isinstance(node, exp.Binary):
            plan, right = row(binder, plan, scope, query)
            node.set("expression", right)
            return node
        plan, value = scalar(binder, plan, scope, query)
        return value

    changed = rewrite(expression, change)
    return plan, changed


def _asked_query(node: exp.Expr) -> exp.Expr | None:
    """Return the subquery of EXISTS, of ARRAY, or that is compared with a row or is a value; None for another node."""
    query: exp.Expr = node
    if isinstance(node, exp.Exists):
        query = node.this
    elif isinstance(node, exp.Anonymous) and str(node.this).upper() == "ARRAY":
        query = node.expressions[0]
    elif isinstance(node, exp.Binary) and isinstance(unwrap(node.left), exp.Tuple):
        query = unwrap(node.right)
    return query if is_query(query) else None


def _left(binder: Binder, plan: Plan, scope: Scope, asked: Membership) -> tuple[Plan, tuple[exp.Expr, ...]]:
    left = []
    for item in asked.left:
        plan, value = attach(binder, plan, scope, item)
        left.append(value)
    return plan, tuple(left)


def _matching(
    binder: Binder,
    plan: Plan,
    scope: Scope,
    query: exp.Expr,
    condition: Membership | str | None,
    left: tuple[exp.Expr, ...],
) -> tuple[Plan, tuple[Scalar, ...]]:
    """Bind a subquery anew; return its plan and the condition on which one of its rows answers for an outer row."""
    with placed(generate(query)):
        binder.budget.spend(SUBQUERY)
        bound = binder.query(query, scope)
        pulled = close(binder, bound.plan, plan)
    if condition is None:
        return pulled.plan, pulled.predicates
    right = [c.id for c in bound.outputs]
    text = condition.holds(left, right) if isinstance(condition, Membership) else condition.format(y=right[0])
    return pulled.plan, (*pulled.predicates, binder.condition(fragment(text), scope, bound.outputs))


def _conditions(
    binder: Binder, plan: Plan, scope: Scope, asked: Membership, left: tuple[exp.Expr, ...]
) -> list[Membership | str]:
    """Return the conditions of which no row may satisfy any: the opposite, and where NULLs leave it open."""
    nulls = _unknown(binder, plan, scope, asked, left)
    if len(left) > 1 and nulls:
        return [replace(asked, or_unknown=True)]
    return [asked, *nulls]


def _unknown(
    binder: Binder, plan: Plan, scope: Scope, asked: Membership, left: tuple[exp.Expr, ...]
) -> list[Membership | str]:
    known = {c.id: c for c in plan.columns}
    outputs = binder.query(asked.query, scope).outputs
    # IS NULL would also be true of a composite value that has NULLs only.
    null = "IS NOT DISTINCT FROM NULL"
    here: list[Membership | str] = [f"({generate(x)}) {null}" for x in left if nullable(x, known)]
    there: list[Membership | str] = [f"{{y}} {null}" for c in outputs if c.nullable]
    return [*there[:1], *here[:1]]


def _answer(binder: Binder, plan: Plan, scope: Scope, asked: Membership) -> tuple[Plan, exp.Expr]:
    """Return IN, ANY or ALL as an expression over marks."""
    plan, left = _left(binder, plan, scope, asked)
    plan, found = _mark(binder, plan, *_matching(binder, plan, scope, asked.query, asked, left))
    conditions = _conditions(binder, plan, scope, asked, left)
    open_: list[str] = []
    for condition in conditions if len(conditions) == 1 and conditions[0] is not asked else conditions[1:]:
        plan, mark = _mark(binder, plan, *_matching(binder, plan, scope, asked.query, condition, left))
        open_.append(mark)
    yes, no = ("false", "true") if asked.every else ("true", "false")
    unknown = f" WHEN {' OR '.join(open_)} THEN NULL::boolean" if open_ else ""
    return plan, fragment(f"CASE WHEN {found} THEN {yes}{unknown} ELSE {no} END")


def _mark(binder: Binder, plan: Plan, right: Plan, on: tuple[Scalar, ...]) -> tuple[Plan, str]:
    mark = Column(binder.ids.fresh("mark"), _BOOLEAN, nullable=False)
    return Join(JoinKind.MARK, plan, right, on, mark), mark.id


def _unlimited(query: exp.Expr) -> exp.Expr:
    """Return a query under EXISTS without a LIMIT that keeps at least one row."""
    limit = query.args.get("limit")
    if isinstance(limit, exp.Limit) and not query.args.get("offset"):
        count = unwrap(limit.expression)
        if isinstance(count, exp.Literal) and not count.is_string and int(count.name) > 0:
            query = query.copy()
            query.set("limit", None)
    return query
