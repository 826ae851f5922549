"""WITH queries, and WITH RECURSIVE: one that reads its own rows becomes a node that keeps them.

A recursion is maintained if its rows only ever grow as its sources do, and if each row found leads to others by itself:
the recursive term reads the rows found before once, through nothing but filters, expressions and joins. Anything else
is refused with its reason, as is a UNION by whose type values are equal that print differently: which of them the
server keeps depends on the order in which it finds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.names import quote
from dyntables.compiler.plan.algebra.nodes import (
    Apply,
    Bound,
    Column,
    Expand,
    Filter,
    Join,
    JoinKind,
    Plan,
    Project,
    Recursion,
    Relation,
    free_ids,
    inputs,
    leaves,
    uses_clock,
)
from dyntables.compiler.plan.binding.clauses.set_operations import cast_to, positional
from dyntables.compiler.plan.binding.scope import Cte, Scope, Working
from dyntables.compiler.plan.text.dialect import generate
from dyntables.compiler.reasons import NotIncremental, Reason

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder

_NAMES = {
    "Aggregate": "an aggregate or DISTINCT",
    "Window": "a window function",
    "TopK": "LIMIT",
    "Join": "an outer join",
    "UnionAll": "a set operation",
    "Recursion": "another WITH RECURSIVE",
}


def with_queries(clause: exp.With, around: Scope) -> Scope:
    """Return the scope below a WITH clause. After RECURSIVE, its queries may read those behind them, and themselves."""
    if clause.args.get("search") is not None:
        raise _refused("a SEARCH or CYCLE clause", generate(clause.args["search"]))
    if clause.args.get("recursive"):
        ctes: dict[str, Cte | Working] = dict(around.ctes)
        scope = around.below(ctes)
        ctes |= {c.alias: Cte(c.this, _listed(c), scope, recursive=True) for c in clause.expressions}
        return scope
    for cte in clause.expressions:
        known: Mapping[str, Cte | Working] = {**around.ctes, cte.alias: Cte(cte.this, _listed(cte), around)}
        around = around.below(known)
    return around


def bind_with_query(binder: Binder, name: str, cte: Cte) -> Bound:
    """Bind a reference to a WITH query."""
    around = cte.around.below()
    itself = cte.recursive and any(t.name == name and not t.db for t in cte.query.find_all(exp.Table))
    bound = _bind_recursion(binder, name, cte, around) if itself else binder.query(cte.query, around)
    # There may be more columns than names.
    return Bound(bound.plan, (*cte.names, *bound.names[len(cte.names) :]), bound.outputs)


def bind_working(binder: Binder, working: Working) -> Bound:
    """Bind a recursive term's reference to the rows that were found before."""
    ids = binder.ids.scan(list(working.names))
    columns = tuple(Column(i, c.type) for i, c in zip(ids, working.columns, strict=True))
    leaf = Relation(working.relation, columns, tuple(c.id for c in working.columns))
    return Bound(leaf, working.names, columns)


def _bind_recursion(binder: Binder, name: str, cte: Cte, around: Scope) -> Bound:
    tree = cte.query
    while isinstance(tree, exp.Subquery):
        tree = tree.this
    clause = tree.args.get("with_") or tree.args.get("with")
    if clause is not None:
        around = with_queries(clause, around)
    if not isinstance(tree, exp.Union) or any(tree.args.get(a) is not None for a in ("limit", "offset", "order")):
        raise _refused("anything but a UNION of two terms", name)
    base = binder.query(tree.left, around)
    names = (*cte.names, *base.names[len(cte.names) :])
    types = binder.describe(positional(base))
    if not types:
        raise _refused("no column", name)
    columns = tuple(Column(binder.ids.fresh(n), t) for n, t in zip(names, types, strict=True))
    working = Working(binder.ids.fresh("recursion"), names, columns)
    types_of = ", ".join(f"NULL::{c.type.name} AS {quote(c.id)}" for c in columns)
    binder.working[working.relation] = f"SELECT {types_of}"
    step = binder.query(tree.right, around.below({**around.ctes, name: working}))
    recursion = Recursion(
        working.relation, cast_to(base, columns), cast_to(step, columns), columns, bool(tree.args.get("distinct"))
    )
    _check(recursion, name)
    return Bound(recursion, names, columns)


def _check(node: Recursion, name: str) -> None:
    """Refuse what is not known to grow with its sources."""
    if free_ids(node):
        raise _refused("columns of the query around it", name)
    if uses_clock(node):
        raise NotIncremental(Reason.CURRENT_TIME, "the current time is read inside of WITH RECURSIVE", name)
    read = leaves(node).count(node.name)
    if read != 1:
        raise _refused(f"its own rows {read} times" if read else "its own rows under a name that means others", name)
    for one in path(node):
        if not _passes(one, node):
            raise _refused(f"its own rows through {_NAMES[type(one).__name__]}", name)
    for column in node.columns if node.distinct else ():
        if not (column.type.image_equal and column.type.groupable and column.type.hashable):
            detail = f"UNION compares a column of type {column.type.name}, whose equal values may print differently"
            raise NotIncremental(
                Reason.RECURSIVE, f"WITH RECURSIVE: {detail}", name, advice="Cast it to a type without such values."
            )


def path(node: Recursion) -> list[Plan]:
    """Return the nodes of the recursive term through which its own rows pass, from the top, without the leaf."""
    found: list[Plan] = []
    plan = node.step
    while not isinstance(plan, Relation):
        found.append(plan)
        plan = next(i for i in inputs(plan) if node.reads_itself(i))
    return found


def _passes(plan: Plan, node: Recursion) -> bool:
    """Tell whether each row of the input makes rows by itself, and none makes rows of nothing."""
    if isinstance(plan, Join) and plan.kind is not JoinKind.INNER:
        return plan.kind is not JoinKind.FULL and node.reads_itself(plan.left)
    return isinstance(plan, (Filter, Project, Expand, Apply, Join))


def _listed(cte: exp.CTE) -> tuple[str, ...]:
    return tuple(i.name for i in (cte.args["alias"].args.get("columns") or []))


def _refused(what: str, fragment: str) -> NotIncremental:
    return NotIncremental(Reason.RECURSIVE, f"WITH RECURSIVE reads {what}", fragment)
