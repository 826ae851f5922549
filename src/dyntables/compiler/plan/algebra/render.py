"""Plan → SQL. One node is one SELECT; PostgreSQL's planner pulls the nesting up again."""

from __future__ import annotations

from collections.abc import Iterable

from dyntables.compiler.depth import deep
from dyntables.compiler.names import quote, quote_qualified
from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    Apply,
    ClockFilter,
    Column,
    Constant,
    Expand,
    Filter,
    Join,
    JoinKind,
    Plan,
    Project,
    Recursion,
    Relation,
    Scalar,
    Scan,
    TopK,
    UnionAll,
    Window,
)

_KEYWORDS = {JoinKind.INNER: "JOIN", JoinKind.LEFT: "LEFT JOIN", JoinKind.FULL: "FULL JOIN"}


@deep(6)
def render(plan: Plan) -> str:
    """Return a SELECT that yields ``plan.columns`` by id."""
    match plan:
        case Scan():
            return _fields(plan, quote_qualified(plan.source.schema, plan.source.name))
        case Relation():
            return _fields(plan, plan.name) if plan.fields else f"SELECT {ids(plan)} FROM {plan.name} t"
        case Constant():
            return plan.sql
        case Filter():
            return f"SELECT {ids(plan)} FROM {from_item(plan.input, 'f')} WHERE {conjunction(plan.predicates)}"
        case ClockFilter():
            return f"SELECT {ids(plan)} FROM {from_item(plan.input, 'f')} WHERE {plan.predicate.sql}"
        case Project() | Expand():
            return _project(plan)
        case Apply():
            keyword = _KEYWORDS[plan.kind]
            item = from_item(plan.input, "o")
            return f"SELECT {ids(plan)} FROM {item} {keyword} LATERAL ({plan.query.sql}) e ON {conjunction(plan.on)}"
        case Join():
            return _join(plan)
        case UnionAll():
            return "\nUNION ALL\n".join(f"SELECT {ids(plan)} FROM {from_item(i, 'u')}" for i in plan.inputs)
        case Aggregate():
            return _aggregate(plan)
        case Window():
            called = list(zip(plan.added, plan.calls, strict=True))
            return f"SELECT {_items((c.id for c in plan.input.columns), called)} FROM {from_item(plan.input, 'w')}"
        case Recursion():
            return _recursion(plan)
        case TopK():
            limit = f"FETCH FIRST ({plan.limit}) ROWS WITH TIES" if plan.ties else f"LIMIT ({plan.limit})"
            return (
                f"SELECT {ids(plan)} FROM {from_item(plan.input, 't')}{ordering(plan)} OFFSET ({plan.offset}) {limit}"
            )


def from_item(plan: Plan, alias: str) -> str:
    """Return the plan as an item of a FROM clause."""
    if isinstance(plan, Relation) and not plan.fields:
        return f"{plan.name} {alias}"
    return f"({render(plan)}) {alias}"


def ids(plan: Plan) -> str:
    """Return the column ids of a plan, comma-separated."""
    return ", ".join(quote(c.id) for c in plan.columns)


def conjunction(predicates: tuple[Scalar, ...]) -> str:
    """Return the predicates joined by AND."""
    return " AND ".join(f"({p.sql})" for p in predicates) if predicates else "true"


def ordering(plan: TopK) -> str:
    """Return the ORDER BY clause of a node."""
    return f" ORDER BY {', '.join(o.sql for o in plan.order)}"


def _fields(leaf: Scan | Relation, name: str) -> str:
    items = (f"t.{quote_qualified(f)} AS {quote(c.id)}" for f, c in zip(leaf.fields, leaf.columns, strict=True))
    return f"SELECT {', '.join(items)} FROM {name} t"


def _items(names: Iterable[str], called: list[tuple[Column, Scalar]]) -> str:
    return ", ".join([quote(n) for n in names] + [f"{s.sql} AS {quote(c.id)}" for c, s in called])


def _project(plan: Project | Expand) -> str:
    items = ", ".join(
        quote(c.id) if e.sql == c.id else f"{e.sql} AS {quote(c.id)}"
        for c, e in zip(plan.columns, plan.expressions, strict=True)
    )
    return f"SELECT {items} FROM {from_item(plan.input, 'p')}"


def _aggregate(plan: Aggregate) -> str:
    called = [(c.column, c.sql) for c in plan.calls]
    group = f" GROUP BY {', '.join(quote(k) for k in plan.keys)}" if plan.keys else ""
    return f"SELECT {_items(plan.keys, called)} FROM {from_item(plan.input, 'a')}{group}"


def _recursion(plan: Recursion) -> str:
    union = "UNION" if plan.distinct else "UNION ALL"
    rows = f"({render(plan.base)})\n{union}\n({render(plan.step)})"
    return f"WITH RECURSIVE {plan.name} ({ids(plan)}) AS ({rows}) SELECT {ids(plan)} FROM {plan.name}"


def _join(plan: Join) -> str:
    # OFFSET keeps the planner from taking the left side apart.
    fenced = plan.led and isinstance(plan.left, Join)
    left = f"({render(plan.left)} OFFSET 0) l" if fenced else from_item(plan.left, "l")
    right = from_item(plan.right, "r")
    on = conjunction(plan.on)
    if plan.kind in _KEYWORDS:
        return f"SELECT {ids(plan)} FROM {left} {_KEYWORDS[plan.kind]} {right} ON {on}"
    matched = f"EXISTS (SELECT 1 FROM {right} WHERE {on})"
    if plan.mark is not None:
        kept = ", ".join([*(quote(c.id) for c in plan.left.columns), f"{matched} AS {quote(plan.mark.id)}"])
        return f"SELECT {kept} FROM {left}"
    negation = "NOT " if plan.kind is JoinKind.ANTI else ""
    return f"SELECT {ids(plan)} FROM {left} WHERE {negation}{matched}"
