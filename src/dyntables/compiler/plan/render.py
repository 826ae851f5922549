"""Plan → SQL. One node is one SELECT; PostgreSQL's planner pulls the nesting up again."""

from __future__ import annotations

from dyntables.compiler.names import quote, quote_qualified
from dyntables.compiler.plan.nodes import (
    Aggregate,
    Filter,
    Join,
    JoinKind,
    Plan,
    Project,
    Relation,
    Scalar,
    Scan,
    UnionAll,
    Window,
)


def render(plan: Plan) -> str:
    """Return a SELECT that yields ``plan.columns`` by id."""
    match plan:
        case Scan():
            items = ", ".join(
                f"t.{quote_qualified(f)} AS {quote(c.id)}" for f, c in zip(plan.fields, plan.columns, strict=True)
            )
            return f"SELECT {items} FROM {quote_qualified(plan.source.schema, plan.source.name)} t"
        case Relation():
            if not plan.fields:
                return f"SELECT {ids(plan)} FROM {plan.name}"
            items = ", ".join(
                f"t.{quote_qualified(f)} AS {quote(c.id)}" for f, c in zip(plan.fields, plan.columns, strict=True)
            )
            return f"SELECT {items} FROM {plan.name} t"
        case Filter():
            return f"SELECT {ids(plan)} FROM {from_item(plan.input, 'f')} WHERE {conjunction(plan.predicates)}"
        case Project():
            items = ", ".join(
                quote(c.id) if e.sql == c.id else f"{e.sql} AS {quote(c.id)}"
                for c, e in zip(plan.columns, plan.expressions, strict=True)
            )
            return f"SELECT {items} FROM {from_item(plan.input, 'p')}"
        case Join():
            return f"SELECT {ids(plan)} FROM {_join(plan)}"
        case UnionAll():
            return "\nUNION ALL\n".join(f"SELECT {ids(plan)} FROM {from_item(i, 'u')}" for i in plan.inputs)
        case Aggregate():
            items = ", ".join(
                [quote(k) for k in plan.keys] + [f"{c.sql.sql} AS {quote(c.column.id)}" for c in plan.calls]
            )
            group = f" GROUP BY {', '.join(quote(k) for k in plan.keys)}" if plan.keys else ""
            return f"SELECT {items} FROM {from_item(plan.input, 'a')}{group}"
        case Window():
            items = ", ".join(
                [quote(c.id) for c in plan.input.columns]
                + [f"{s.sql} AS {quote(c.id)}" for c, s in zip(plan.added, plan.calls, strict=True)]
            )
            return f"SELECT {items} FROM {from_item(plan.input, 'w')}"


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


def _join(plan: Join) -> str:
    left, right = from_item(plan.left, "l"), from_item(plan.right, "r")
    keyword = {JoinKind.INNER: "JOIN", JoinKind.LEFT: "LEFT JOIN", JoinKind.FULL: "FULL JOIN"}[plan.kind]
    return f"{left} {keyword} {right} ON {conjunction(plan.on)}"
