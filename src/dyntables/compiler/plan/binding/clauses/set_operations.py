"""UNION, INTERSECT and EXCEPT, with and without ALL.

INTERSECT and EXCEPT count each row's copies on either side; the counts say whether it shows, or how many times.
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
    Expand,
    Filter,
    Merge,
    Plan,
    Project,
    Scalar,
    SqlType,
    UnionAll,
    ref,
)
from dyntables.compiler.plan.algebra.render import render
from dyntables.compiler.plan.binding.clauses.limits import Sorting, keep_top, leaves_out, ordered_by, record
from dyntables.compiler.plan.binding.scope import Scope
from dyntables.compiler.plan.text.determined import tie_breakers
from dyntables.compiler.reasons import NotIncremental, Reason

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder

_BIGINT, _INTEGER = SqlType("bigint"), SqlType("integer")


def bind_set_operation(binder: Binder, tree: exp.SetOperation, around: Scope) -> Bound:
    """Bind a set operation and its ORDER BY … LIMIT."""
    left, right = binder.query(tree.left, around), binder.query(tree.right, around)
    text = f"SELECT * FROM ({positional(left)}) a UNION ALL SELECT * FROM ({positional(right)}) b"
    types = binder.describe(text)
    outputs = columns = tuple(
        Column(binder.ids.fresh(name), type_, a.nullable or b.nullable)
        for name, type_, a, b in zip(left.names, types, left.outputs, right.outputs, strict=True)
    )
    if not columns:
        # Rows without columns are all the same.
        columns = (left.plan.columns[0],)
        left, right = (replace(b, outputs=b.plan.columns[:1]) for b in (left, right))
    if isinstance(tree, exp.Union):
        plan: Plan = UnionAll((*_branches(left, columns), *_branches(right, columns)), columns)
        if tree.args.get("distinct"):
            plan = Aggregate(plan, tuple(c.id for c in columns), ())
    else:
        plan = _counted(binder, tree, left, right, columns)
    if leaves_out(tree, plan):
        by, order = _order(tree, left.names, columns)
        sorting = Sorting(ordered_by(order, by), tie_breakers(plan, by, outputs))
        record(binder, tree, Bound(plan, left.names, outputs), sorting)
        plan = keep_top(binder, tree, plan, sorting)
    return Bound(plan, left.names, outputs)


def _counted(binder: Binder, tree: exp.SetOperation, left: Bound, right: Bound, columns: tuple[Column, ...]) -> Plan:
    side = Column(binder.ids.fresh("side"), _INTEGER, nullable=False)
    tagged = tuple(_with(cast_to(bound, columns), side, str(n)) for n, bound in enumerate((left, right)))
    calls = tuple(_count(binder, side, n) for n in (0, 1))
    counted = Aggregate(UnionAll(tagged, (*columns, side)), tuple(c.id for c in columns), calls)
    in_left, in_right = (c.column.id for c in calls)
    refs = frozenset({in_left, in_right})
    intersect = isinstance(tree, exp.Intersect)
    if tree.args.get("distinct"):
        keep = Scalar(f"{in_left} > 0 AND {in_right} {'>' if intersect else '='} 0", refs)
        return Project(Filter(counted, (keep,)), columns, tuple(ref(c.id) for c in columns))
    copies = f"least({in_left}, {in_right})" if intersect else f"greatest({in_left} - {in_right}, 0)"
    number = Column(binder.ids.fresh("copy"), _BIGINT, nullable=False)
    series = Scalar(f"generate_series(1, {copies})", refs)
    expanded = Expand(counted, (*columns, number), (*(ref(c.id) for c in columns), series))
    return Project(expanded, columns, tuple(ref(c.id) for c in columns))


def _with(plan: Project, column: Column, value: str) -> Project:
    return replace(plan, columns=(*plan.columns, column), expressions=(*plan.expressions, Scalar(value, frozenset())))


def _count(binder: Binder, side: Column, number: int) -> AggregateCall:
    condition = Scalar(f"{side.id} = {number}", frozenset({side.id}))
    call = Scalar(f"count(*) FILTER (WHERE {condition.sql})", condition.refs)
    column = Column(binder.ids.fresh("copies"), _BIGINT, nullable=False)
    return AggregateCall(column, call, Merge.COUNT, None, condition)


def _order(
    tree: exp.SetOperation, names: tuple[str, ...], columns: tuple[Column, ...]
) -> tuple[list[Column], list[exp.Ordered]]:
    """Return the columns by which the result is ordered: a set operation knows only output columns."""
    clause = tree.args.get("order")
    by, order = [], []
    for ordered in clause.expressions if clause is not None else []:
        item = ordered.this
        if isinstance(item, exp.Literal) and not item.is_string:
            by.append(columns[int(item.name) - 1])
        elif isinstance(item, exp.Column) and not item.table and item.name in names:
            by.append(columns[names.index(item.name)])
        else:
            raise NotIncremental(Reason.SYNTAX, "an ORDER BY that names no output column", item.sql())
        order.append(ordered)
    return by, order


def positional(bound: Bound) -> str:
    """Return a SELECT of the types of an operand's columns."""
    if not any(c.type.base.startswith(("record", "unknown")) for c in bound.outputs):
        return f"SELECT {', '.join(f'NULL::{c.type.name} AS u_{i}' for i, c in enumerate(bound.outputs))}"
    columns = tuple(Column(f"u_{i}", c.type) for i, c in enumerate(bound.outputs))
    return render(Project(bound.plan, columns, tuple(ref(c.id) for c in bound.outputs)))


def _branches(bound: Bound, columns: tuple[Column, ...]) -> tuple[Project, ...]:
    """Return an operand as branches of one flat union: the server's planner takes the cube of the depth of nested ones.

    An operand whose types differ from the result's is cast as a whole: a value must not skip a type on its way.
    """
    whole = cast_to(bound, columns)
    below = bound.plan
    if not isinstance(below, UnionAll) or whole.expressions != tuple(ref(c.id) for c in below.columns):
        return (whole,)
    return tuple(
        replace(b, columns=columns) if isinstance(b, Project) else replace(whole, input=b) for b in below.inputs
    )


def cast_to(bound: Bound, columns: tuple[Column, ...]) -> Project:
    """Return an operand under the ids of the result, and of its types."""
    expressions = tuple(
        ref(b.id) if b.type.name == c.type.name else Scalar(f"CAST({b.id} AS {c.type.name})", frozenset({b.id}))
        for b, c in zip(bound.outputs, columns, strict=True)
    )
    return Project(bound.plan, columns, expressions)
