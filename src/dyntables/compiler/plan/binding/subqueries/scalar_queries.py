"""Subqueries that are values: scalars, rows to be compared, and ARRAY(SELECT …) → columns.

Before:  ARRAY(SELECT DISTINCT r.x FROM r WHERE r.k = l.k ORDER BY r.x)
After:   COALESCE((SELECT array_agg(q.v ORDER BY q.o1) FROM (SELECT DISTINCT r.x AS v, r.x AS o1 …) q), '{}')
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    AggregateCall,
    Bound,
    Column,
    JoinKind,
    Merge,
    Plan,
    Project,
    Scalar,
    SqlType,
    as_nullable,
    extend,
    one_of,
    outer_join,
)
from dyntables.compiler.plan.binding.budget import SUBQUERY
from dyntables.compiler.plan.binding.clauses.limits import limited
from dyntables.compiler.plan.binding.scope import Scope, id_node
from dyntables.compiler.plan.binding.subqueries.dependent import close, close_groups, join_aggregate
from dyntables.compiler.plan.text.dialect import generate
from dyntables.compiler.reasons import NotIncremental, Reason, placed

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder

_BIGINT = SqlType("bigint")
# The server's own text names no alias like it, and it is read where it is given only.
_ELEMENTS = "__dt_elements"


def scalar(binder: Binder, plan: Plan, scope: Scope, query: exp.Expr) -> tuple[Plan, exp.Expr]:
    """Return the plan with the value of a scalar subquery, and the value."""
    plan, values = _values(binder, plan, scope, query)
    return plan, values[0]


def row(binder: Binder, plan: Plan, scope: Scope, query: exp.Expr) -> tuple[Plan, exp.Expr]:
    """Return the plan with the values of a subquery of several columns, and them as a row."""
    plan, values = _values(binder, plan, scope, query)
    return plan, exp.Anonymous(this="ROW", expressions=values)


def array_query(binder: Binder, query: exp.Expr) -> exp.Expr:
    """Return ARRAY(query) as an aggregate over the query, of which COALESCE makes the array."""
    binder.aggregate_names |= {"array_agg"}
    inner = query.copy()
    order = [o.copy() for o in inner.args["order"].expressions] if inner.args.get("order") is not None else []
    items = {"v": inner.expressions[0].unalias()} if isinstance(inner, exp.Select) else {}
    for ordered in order:
        name = _place(items, ordered.this)
        ordered.set("this", exp.column(name, table=_ELEMENTS))
    if len(items) > 1 and (limited(inner) or _distinct_on(inner)):
        # What the order was completed with is written into the definition, whose rows have one column.
        raise NotIncremental(
            Reason.SUBQUERY,
            "ARRAY over the first rows of an order by something else than the element",
            generate(query),
            advice="Write array_agg() over the query as a subquery in FROM.",
        )
    if items:
        inner.set("expressions", [exp.alias_(i.copy(), n) for n, i in items.items()])
    value: exp.Expr = exp.column("v", table=_ELEMENTS)
    if order:
        value = exp.Order(this=value, expressions=order)
    call = exp.alias_(exp.Anonymous(this="array_agg", expressions=[value]), "values")
    columns = [exp.to_identifier(n) for n in items or ("v",)]
    source = exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(_ELEMENTS), columns=columns))
    return exp.Select(expressions=[call], from_=exp.From(this=source))


def _place(items: dict[str, exp.Expr], by: exp.Expr) -> str:
    """Return the name of the item that an array is ordered by, which is added if it is not the element."""
    numbered = isinstance(by, exp.Literal) and not by.is_string
    if not items or numbered or generate(by) == generate(items["v"]):
        return "v"
    name = f"o{len(items)}"
    items[name] = by
    return name


def _distinct_on(query: exp.Expr) -> bool:
    distinct = query.args.get("distinct")
    return distinct is not None and distinct.args.get("on") is not None


def computed(plan: Plan, chain: list[Project]) -> Plan:
    """Return the plan with the columns that projections, topmost first, would have computed over it."""
    for link in reversed(chain):
        known = {c.id for c in plan.columns}
        new = [(c, e) for c, e in zip(link.columns, link.expressions, strict=True) if c.id not in known]
        if new:
            plan = extend(plan, tuple(c for c, _ in new), tuple(e for _, e in new))
    return plan


def _values(binder: Binder, plan: Plan, scope: Scope, query: exp.Expr) -> tuple[Plan, list[exp.Expr]]:
    with placed(generate(query)):
        binder.budget.spend(SUBQUERY)
        bound = binder.query(query, scope)
        chain: list[Project] = []
        core = bound.plan
        while isinstance(core, Project):
            chain.append(core)
            core = core.input
        if isinstance(core, Aggregate) and not core.keys:
            plan = computed(join_aggregate(binder, plan, core), chain)
            return plan, [id_node(c.id) for c in bound.outputs]
        pulled = close(binder, bound.plan, plan)
        if pulled.single:
            joined = outer_join(JoinKind.LEFT, plan, pulled.plan, pulled.predicates)
            return joined, [id_node(c.id) for c in bound.outputs]
        return _one_row(binder, plan, bound)


def _one_row(binder: Binder, plan: Plan, bound: Bound) -> tuple[Plan, list[exp.Expr]]:
    """Join the single row of a subquery; where there are several, the server's own error is raised."""
    rows = Column(binder.ids.fresh("rows"), _BIGINT, nullable=False)
    firsts = tuple(Column(binder.ids.fresh("first"), c.type.without_checks) for c in bound.outputs)
    calls = tuple(AggregateCall(f, one_of(c), Merge.RECOMPUTE) for f, c in zip(firsts, bound.outputs, strict=True))
    number = AggregateCall(rows, Scalar("count(*)", frozenset()), Merge.COUNT)
    closed = close_groups(binder, Aggregate(bound.plan, (), (number, *calls)), plan)
    kind = JoinKind.LEFT if closed.predicates else JoinKind.INNER
    joined = outer_join(kind, plan, closed.plan, closed.predicates)
    columns, expressions = [], []
    for first, output in zip(firsts, bound.outputs, strict=True):
        n, v = rows.id, first.id
        text = f"CASE WHEN {n} > 1 THEN (SELECT {v} FROM generate_series(1, {n})) ELSE {v} END"
        columns.append(as_nullable(replace(output, id=binder.ids.fresh("value"), type=first.type)))
        expressions.append(Scalar(text, frozenset({n, v})))
    return extend(joined, tuple(columns), tuple(expressions)), [id_node(c.id) for c in columns]
