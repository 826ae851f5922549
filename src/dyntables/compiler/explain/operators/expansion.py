"""Constants, filters by the clock, set-returning functions, and the first rows of an order."""

from __future__ import annotations

from dyntables.compiler.explain.operator import Class, Defined, How, Influence, Law, Operator
from dyntables.compiler.plan.algebra.nodes import Apply, ClockFilter, Constant, Expand, Scalar, TopK

CONSTANT = Operator(
    Constant,
    law=lambda _: Law(Class.SOURCE, "it reads no table, so it never changes"),
    label=lambda _, __: "Constant rows",
    defines=lambda node: tuple(Defined(c.id, How.EXPRESSION, Scalar(node.sql, frozenset())) for c in node.columns),
)

CLOCK_FILTER = Operator(
    ClockFilter,
    law=lambda _: Law(
        Class.LINEAR, "the changed rows that meet the condition, and the rows whose verdict the time since changed"
    ),
    label=lambda _, __: "Filter by the clock",
    detail=lambda node, names: (names.expression(node.predicate),),
    influences=lambda node: (Influence(How.FILTER, node.predicate.refs),),
)

EXPAND = Operator(
    Expand,
    law=lambda _: Law(Class.LINEAR, "the set-returning functions of the changed rows"),
    label=lambda _, __: "Expand sets",
    detail=lambda node, names: tuple(
        names.assignment(c.id, e) for c, e in zip(node.columns, node.expressions, strict=True) if e.refs != {e.sql}
    ),
    defines=lambda node: tuple(
        Defined(c.id, How.PASS_THROUGH if e.refs == {e.sql} else How.EXPRESSION, e)
        for c, e in zip(node.columns, node.expressions, strict=True)
    ),
)

APPLY = Operator(
    Apply,
    law=lambda _: Law(Class.LINEAR, "the query is run for the changed rows alone"),
    label=lambda node, _: "For each row" if node.kind == "INNER" else "For each row, or NULLs",
    detail=lambda node, names: (names.expression(node.query), *(f"on {names.expression(p)}" for p in node.on)),
    defines=lambda node: tuple(Defined(c.id, How.EXPRESSION, node.query) for c in node.added),
    influences=lambda node: tuple(Influence(How.JOIN, p.refs) for p in node.on),
)

TOP_K = Operator(
    TopK,
    law=lambda _: Law(Class.TOUCHED_KEYS, "changes are merged into the first rows; these are read again if some left"),
    label=lambda node, _: (
        f"{'First' if len(node.order) > node.added else 'Any'} {node.limit} rows"
        + (f" after {node.offset}" if node.offset != "0" else "")
    ),
    detail=lambda node, names: tuple(
        f"by {names.expression(o)}" + (", added to keep the same rows" if n >= len(node.order) - node.added else "")
        for n, o in enumerate(node.order)
    ),
    influences=lambda node: tuple(Influence(How.FILTER, o.refs) for o in node.order),
    stateful=True,
)
