"""Subqueries in expressions → joins.

EXISTS, IN, ANY and ALL as conditions become semi- and anti-joins; elsewhere a MARK join says for each row whether there
is a match, and SQL's three-valued answer is put together from marks. A scalar subquery becomes a column.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.budget import SUBQUERY
from dyntables.compiler.plan.decorrelate import Pulled, grouped
from dyntables.compiler.plan.dependent import close, join_aggregate
from dyntables.compiler.plan.dialect import generate
from dyntables.compiler.plan.membership import Membership, membership
from dyntables.compiler.plan.nodes import (
    Aggregate,
    AggregateCall,
    Bound,
    Column,
    Filter,
    Join,
    JoinKind,
    Merge,
    Plan,
    Project,
    Scalar,
    SqlType,
    as_nullable,
    extend,
    without_checks,
)
from dyntables.compiler.plan.nullability import nullable
from dyntables.compiler.plan.row_queries import is_row_local, localized
from dyntables.compiler.plan.scope import Scope, fragment, id_node, is_query, rewrite, unwrap
from dyntables.compiler.reasons import NotIncremental, Reason, placed

if TYPE_CHECKING:
    from dyntables.compiler.plan.bind import Binder

_BOOLEAN, _BIGINT = SqlType("boolean"), SqlType("bigint")


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
    """Return the plan with a column for each subquery of an expression, and the expression over them."""

    def change(node: exp.Expr) -> exp.Expr | None:
        nonlocal plan
        if isinstance(node, exp.Exists):
            if is_row_local(node.this):
                return exp.Exists(this=localized(node.this, scope))
            plan, mark = _mark(binder, plan, *_matching(binder, plan, scope, _unlimited(node.this), None, ()))
            return id_node(mark)
        asked = membership(node)
        if asked is not None and not is_row_local(asked.query):
            plan, answer = _answer(binder, plan, scope, asked)
            return answer
        if asked is not None:
            detail = "IN, ANY or ALL over a query without a table"
            raise NotIncremental(Reason.SUBQUERY, detail, generate(node), advice="Compare with ANY or ALL of an array.")
        if isinstance(node, exp.Anonymous) and str(node.this).upper() == "ARRAY" and is_query(node.expressions[0]):
            query = _array_query(binder, node.expressions[0])
            plan, value = _scalar(binder, plan, scope, query)
            return fragment(f"COALESCE({generate(value)}, '{{}}')")
        if is_query(node):
            if is_row_local(node):
                return localized(node, scope)
            plan, value = _scalar(binder, plan, scope, node)
            return value
        return None

    changed = rewrite(expression, change)
    return plan, changed


def computed(plan: Plan, chain: list[Project]) -> Plan:
    """Return the plan with the columns that projections, topmost first, would have computed over it."""
    for link in reversed(chain):
        known = {c.id for c in plan.columns}
        new = [(c, e) for c, e in zip(link.columns, link.expressions, strict=True) if c.id not in known]
        if new:
            plan = extend(plan, tuple(c for c, _ in new), tuple(e for _, e in new))
    return plan


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


def _scalar(binder: Binder, plan: Plan, scope: Scope, query: exp.Expr) -> tuple[Plan, exp.Expr]:
    """Return the plan with the value of a scalar subquery, and the value."""
    with placed(generate(query)):
        return _value(binder, plan, scope, query)


def _value(binder: Binder, plan: Plan, scope: Scope, query: exp.Expr) -> tuple[Plan, exp.Expr]:
    binder.budget.spend(SUBQUERY)
    bound = binder.query(query, scope)
    if len(bound.outputs) != 1:
        raise NotIncremental(
            Reason.SUBQUERY,
            "a subquery of several columns is compared as a row",
            generate(query),
            advice="Write EXISTS with a condition for each column.",
        )
    chain: list[Project] = []
    core = bound.plan
    while isinstance(core, Project):
        chain.append(core)
        core = core.input
    if isinstance(core, Aggregate) and not core.keys:
        plan = computed(join_aggregate(binder, plan, core), chain)
        return plan, id_node(bound.outputs[0].id)
    if isinstance(core, Filter) and isinstance(core.input, Aggregate) and not core.input.keys:
        raise NotIncremental(
            Reason.SUBQUERY,
            "HAVING without GROUP BY in a scalar subquery",
            generate(query),
            advice="Write CASE WHEN … THEN … END over the aggregates, without HAVING.",
        )
    return _one_row(binder, plan, close(binder, bound.plan, plan), bound)


def _one_row(binder: Binder, plan: Plan, pulled: Pulled, bound: Bound) -> tuple[Plan, exp.Expr]:
    """Join the single row of a subquery; where there are several, the server's own error is raised."""
    value = bound.outputs[0]
    if pulled.single:
        return Join(JoinKind.LEFT, plan, without_checks(pulled.plan), pulled.predicates), id_node(value.id)
    if value.type.array:
        raise NotIncremental(Reason.SUBQUERY, "a scalar subquery of arrays that may have several rows")
    number = AggregateCall(
        Column(binder.ids.fresh("rows"), _BIGINT, nullable=False), Scalar("count(*)", frozenset()), Merge.COUNT
    )
    first = AggregateCall(
        Column(binder.ids.fresh("first"), value.type.without_checks),
        Scalar(f"(array_agg({value.id}))[1]", frozenset({value.id})),
        Merge.RECOMPUTE,
    )
    closed = grouped(binder, Aggregate(pulled.plan, (), (number, first)), pulled)
    kind = JoinKind.LEFT if closed.predicates else JoinKind.INNER
    joined = Join(kind, plan, closed.plan, closed.predicates)
    n, v = number.column.id, first.column.id
    text = f"CASE WHEN {n} > 1 THEN (SELECT {v} FROM generate_series(1, {n})) ELSE {v} END"
    column = as_nullable(replace(value, id=binder.ids.fresh("value"), type=value.type.without_checks))
    return extend(joined, (column,), (Scalar(text, frozenset({n, v})),)), id_node(column.id)


def _unlimited(query: exp.Expr) -> exp.Expr:
    """Return a query under EXISTS without a LIMIT that keeps at least one row."""
    limit = query.args.get("limit")
    if isinstance(limit, exp.Limit) and not query.args.get("offset"):
        count = unwrap(limit.expression)
        if isinstance(count, exp.Literal) and not count.is_string and int(count.name) > 0:
            query = query.copy()
            query.set("limit", None)
    return query


def _array_query(binder: Binder, query: exp.Expr) -> exp.Expr:
    """Return ARRAY(SELECT x … ORDER BY y) as SELECT array_agg(x ORDER BY y) …."""
    odd = ("distinct", "group", "having", "limit", "offset", "with_", "windows")
    if not isinstance(query, exp.Select) or any(query.args.get(k) for k in odd):
        raise NotIncremental(
            Reason.SUBQUERY,
            "ARRAY over a query that is more than a filter",
            generate(query),
            advice="Write array_agg() over the query as a subquery in FROM.",
        )
    binder.aggregate_names |= {"array_agg"}
    changed = query.copy()
    item: exp.Expr = changed.expressions[0].unalias()
    order = changed.args.get("order")
    if order is not None:
        item = exp.Order(this=item, expressions=order.expressions)
    changed.set("order", None)
    changed.set("expressions", [exp.alias_(exp.Anonymous(this="array_agg", expressions=[item]), "values")])
    return changed
