"""Any correlated subquery → a plan of its own, by the values of the row around it.

Where no predicate can be pulled out of a subquery, it is computed for all distinct values D of the outer columns that
it reads: D is joined in where they are read, and becomes part of every group and order on the way up.

Before:  l ⋉ (r ⋉[r.a = s.a ∧ s.b = l.b] s)
After:   l ⋉[l.b ≡ d.b] ((δ(π_b l) × r) ⋉[r.a = s.a ∧ s.b = d.b] s)     ≡ takes NULLs for equal

Source: Neumann & Kemper, "Unnesting Arbitrary Queries" (BTW 2015).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.hashing import key_hash
from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    AggregateCall,
    Apply,
    ClockFilter,
    Column,
    Constant,
    Expand,
    Filter,
    Join,
    JoinKind,
    Merge,
    Plan,
    Project,
    Recursion,
    Relation,
    Scalar,
    Scan,
    TopK,
    UnionAll,
    Window,
    extend,
    free_ids,
    outer_join,
    ref,
)
from dyntables.compiler.plan.binding.clauses.limits import first_of_partition, partitioned
from dyntables.compiler.plan.binding.subqueries.decorrelate import Pulled, decorrelate, grouped
from dyntables.compiler.plan.binding.subqueries.outer_values import OuterValues, outer_values
from dyntables.compiler.plan.binding.values.equalities import same
from dyntables.compiler.reasons import NotIncremental, Reason

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder

_HYPOTHETICAL = ("rank(", "dense_rank(", "percent_rank(", "cume_dist(")


def close(binder: Binder, plan: Plan, outer: Plan) -> Pulled:
    """Close a plan that reads columns of ``outer``: by its predicates if that is enough, else by the outer values.

    What it reads of a query further out is left for that to close.
    """
    try:
        return decorrelate(binder, plan)
    except NotIncremental:
        if not _reads(plan, outer):
            return Pulled(plan)
        domain = outer_values(binder, plan, outer)
        return _renamed(binder, _inside(binder, plan, domain), domain)


def close_groups(binder: Binder, node: Aggregate, outer: Plan) -> Pulled:
    """Close an aggregate, each of whose groups belongs to one set of outer values."""
    try:
        return grouped(binder, node)
    except NotIncremental:
        if not _reads(node, outer):
            return Pulled(node)
        domain = outer_values(binder, node, outer)
        inside = _inside(binder, node.input, domain)
        return _renamed(binder, replace(node, input=inside, keys=_keys(node, domain)), domain)


def join_aggregate(binder: Binder, plan: Plan, node: Aggregate) -> Plan:
    """Join the one row of an aggregate without GROUP BY to each row of a plan, which it may read."""
    if free_ids(node):
        for call in node.calls:
            name = call.sql.sql.split("(")[0]
            if call.sql.sql.lower().startswith(_HYPOTHETICAL) or name in binder.user_aggregates:
                raise NotIncremental(Reason.SUBQUERY, f"the result of {name} over no rows is not known", call.sql.sql)
    counts = {c.column.id: binder.ids.fresh("found") for c in node.calls if _counts(c)}
    renamed = tuple(
        replace(c, column=replace(c.column, id=counts[c.column.id])) if c.column.id in counts else c for c in node.calls
    )
    pulled = close_groups(binder, replace(node, calls=renamed), plan)
    kind = JoinKind.LEFT if pulled.predicates else JoinKind.INNER
    joined = outer_join(kind, plan, pulled.plan, pulled.predicates)
    if not counts:
        return joined
    columns = tuple(c.column for c in node.calls if c.column.id in counts)
    return extend(joined, columns, tuple(Scalar(f"COALESCE({i}, 0)", frozenset({i})) for i in counts.values()))


def _reads(plan: Plan, outer: Plan) -> bool:
    return bool(free_ids(plan) & {c.id for c in outer.columns})


def _counts(call: AggregateCall) -> bool:
    return call.merge is Merge.COUNT or call.sql.sql.lower().startswith(("count(", "regr_count("))


@deep(8)
def _inside(binder: Binder, plan: Plan, domain: OuterValues) -> Plan:
    """Return the plan for each row of the domain, whose columns it has besides its own."""
    columns = domain.columns
    match plan:
        case _ if not free_ids(plan) & {c.id for c in columns}:
            return Join(JoinKind.INNER, domain.plan, plan, ())
        case Filter() | ClockFilter():
            return replace(plan, input=_inside(binder, plan.input, domain))
        case Project() | Expand():
            below = _inside(binder, plan.input, domain)
            own = {c.id for c in plan.columns}
            more = tuple(c for c in columns if c.id not in own)
            expressions = (*plan.expressions, *(ref(c.id) for c in more))
            return replace(plan, input=below, columns=(*plan.columns, *more), expressions=expressions)
        case Apply():
            return replace(plan, input=_inside(binder, plan.input, domain))
        case Join(kind=JoinKind.FULL):
            return _full_join(binder, plan, domain)
        case Join():
            return _join(binder, plan, domain)
        case Aggregate() if plan.keys:
            inside = _inside(binder, plan.input, domain)
            return domain.restore(replace(plan, input=inside, keys=_keys(plan, domain)))
        case Aggregate():
            return join_aggregate(binder, domain.plan, plan)
        case Window():
            return partitioned(plan, _inside(binder, plan.input, domain), domain.ids)
        case TopK():
            return first_of_partition(binder, plan, _inside(binder, plan.input, domain), domain.ids)
        case UnionAll():
            every = (*plan.columns, *columns)
            # A branch that reads no outer column has the domain's columns first.
            branches = (_inside(binder, i, domain) for i in plan.inputs)
            return UnionAll(tuple(Project(b, every, tuple(ref(c.id) for c in every)) for b in branches), every)
        case Scan() | Relation() | Constant() | Recursion():
            raise AssertionError(f"{type(plan).__name__} reads no column")


def _join(binder: Binder, plan: Join, domain: OuterValues) -> Plan:
    left, right, on = _inside(binder, plan.left, domain), plan.right, plan.on
    if free_ids(right) & {c.id for c in domain.columns}:
        pulled = _renamed(binder, _inside(binder, right, domain), domain)
        right, on = pulled.plan, (*on, *pulled.predicates)
    return replace(plan, left=left, right=right, on=on)


def _full_join(binder: Binder, plan: Join, domain: OuterValues) -> Plan:
    left = _inside(binder, plan.left, domain)
    pulled = _renamed(binder, _inside(binder, plan.right, domain), domain)
    joined = outer_join(JoinKind.FULL, left, pulled.plan, (*plan.on, *pulled.predicates))
    # Padded is one side at most, and both have the same values.
    either = {
        here: Scalar(f"COALESCE({here}, {there})", frozenset({here, there}))
        for here, there in zip(domain.ids, pulled.keys, strict=True)
    }
    columns = (*plan.columns, *domain.keys)
    return domain.restore(Project(joined, columns, tuple(either.get(c.id, ref(c.id)) for c in columns)))


def _keys(node: Aggregate, domain: OuterValues) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*node.keys, *domain.ids]))


def _renamed(binder: Binder, plan: Plan, domain: OuterValues) -> Pulled:
    """Give the domain's columns names of their own, and say that they equal the outer ones."""
    names = {c.id: replace(c, id=binder.ids.fresh(c.id.rsplit("_", 1)[0]), unique=False) for c in domain.keys}
    restored = {c.id for c, _ in domain.restored}
    kept = tuple(c for c in plan.columns if c.id not in restored)
    projected = Project(plan, tuple(names.get(c.id, c) for c in kept), tuple(ref(c.id) for c in kept))
    predicates = tuple(p for outer, inner in names.items() for p in _same(inner, outer, domain))
    return Pulled(projected, predicates, keys=tuple(c.id for c in names.values()))


def _same(inner: Column, outer: str, domain: OuterValues) -> tuple[Scalar, ...]:
    """Return the condition that a column is what an outer one is, or both are NULL, in a form that can be hashed."""
    if outer in domain.images:
        image = domain.images[outer]
        return (Scalar(f"{inner.id} = ({image.sql})", image.refs | {inner.id}),)
    refs = frozenset({inner.id, outer})
    if not inner.nullable:
        return (Scalar(f"{inner.id} {inner.type.equals} {outer}", refs),)
    equal = Scalar(same(inner.id, outer, inner.type), refs)
    here, there = key_hash((inner,)), key_hash((replace(inner, id=outer),))
    return (equal,) if here is None else (Scalar(f"{here} = {there}", refs), equal)
