"""Joins.

Law (inner):  d(L ⋈ R) = dL ⋈ R + L ⋈ dR − dL ⋈ dR, with L and R the new contents; of n inputs by inclusion and
              exclusion, one term for each non-empty set of changed inputs: ± their deltas ⋈ the other inputs. Where
              those that changed are parents and children, d(C ⋈ U) = dC ⋈ U, with C their join and U the others.
Law (left):   L ⟕ R = L ⋈ R + pad(L ▷ R), and
              d(L ▷ R) = dL ▷ R + Σ over rows l of L_old that match dR: ([n_new(l) = 0] − [n_old(l) = 0]) · l,
              where n counts the matches of l in R, n_old = n_new − (weight of the matches in dR), L_old = L − dL.
Law (full):   the left law, and its mirror for the rows of R without a match.
Holds for any ON condition, duplicates and NULLs included, as it counts matches instead of comparing keys.
State: none. Cost: the matches of the changed rows; an index on the join keys of each side makes it follow the change.
Source: Griffin & Libkin, "Incremental Maintenance of Views with Duplicates" (SIGMOD 1995), §4; Larson & Zhou,
"Efficient Maintenance of Materialized Outer-Join Views" (ICDE 2007), for the split into inner and padded parts.
"""

from __future__ import annotations

from itertools import combinations

from dyntables.compiler.delta.consolidate import consolidate
from dyntables.compiler.delta.context import WEIGHT_COLUMN, Context
from dyntables.compiler.delta.operators.matching import TURN, rename_weight, turned_rows, unmatched
from dyntables.compiler.delta.passing import summed_first
from dyntables.compiler.names import WEIGHT
from dyntables.compiler.plan.algebra.nodes import Column, Join, JoinKind, Plan, Project, Relation, Scalar, UnionAll, ref
from dyntables.compiler.plan.algebra.render import from_item
from dyntables.compiler.plan.binding.joins.implied import narrowed
from dyntables.compiler.plan.binding.joins.inner_joins import (
    InnerJoins,
    ids_of,
    lay_open,
    lead,
    part_predicates,
)


def derive_inner(
    columns: tuple[Column, ...],
    joins: InnerJoins,
    deltas: list[Plan | None],
    context: Context,
    late: tuple[Scalar, ...] = (),
) -> Plan | None:
    """Return the delta of some columns of inner joins from the deltas of their inputs.

    ``late``: the predicates for which changes are summed first, where they are anyway.
    """
    changed = [n for n, delta in enumerate(deltas) if delta is not None]
    if not changed:
        return None
    # What is used more than once is stored; what is used once need only be of known size.
    store = context.known if len(changed) == 1 else context.stored
    small = {n: store(delta, f"delta of input {n + 1}") for n, delta in enumerate(deltas) if delta is not None}
    rest = tuple(i for n, i in enumerate(joins.inputs) if n not in small)
    moved = tuple(joins.inputs[n] for n in changed)
    if not summed_first(joins, moved):
        return _union(_inclusion_exclusion(joins, small, columns), columns)
    # The terms have the unchanged inputs in common: what the changed ones bring about is joined with them once.
    inside, across = part_predicates(tuple(p for p in joins.predicates if p not in late), ids_of(*moved))
    across = (*across, *late)
    kernel = InnerJoins(moved, inside)
    wanted = {c.id for c in columns}.union(*(p.refs for p in across))
    moving = tuple(c for i in moved for c in i.columns if c.id in wanted)
    terms = _inclusion_exclusion(kernel, dict(enumerate(small.values())), moving)
    union = consolidate(from_item(_union(terms, moving), "u"), moving)
    core = context.temporary(union, (*moving, WEIGHT_COLUMN), "delta of the joined inputs that changed")
    return _term((core,), rest, across, columns)


def _inclusion_exclusion(joins: InnerJoins, small: dict[int, Plan], columns: tuple[Column, ...]) -> list[Plan]:
    """Return a term for each non-empty set of the changed inputs; ``small`` has the delta of each by its number."""
    return [
        _term(
            tuple(small[n] for n in chosen),
            tuple(i for n, i in enumerate(joins.inputs) if n not in chosen),
            joins.predicates,
            columns,
        )
        for size in range(1, len(small) + 1)
        for chosen in combinations(small, size)
    ]


def derive_join(plan: Join, left: Plan | None, right: Plan | None, context: Context) -> Plan | None:
    """Return the delta of an outer join from the deltas of its sides."""
    if left is None and right is None:
        return None
    d_left = context.stored(left, "delta of left side") if left is not None else None
    d_right = context.stored(right, "delta of right side") if right is not None else None
    terms = _inner_terms(plan, d_left, d_right)
    terms += unmatched_terms(plan, plan.left, plan.right, d_left, d_right, context)
    if plan.kind is JoinKind.FULL:
        terms += unmatched_terms(plan, plan.right, plan.left, d_right, d_left, context)
    return _union(terms, plan.columns)


def _inner_terms(plan: Join, left: Relation | None, right: Relation | None) -> list[Plan]:
    """Return the terms of the inner law for the sides that have changes."""
    terms: list[Plan] = []
    for delta, other in ((left, plan.right), (right, plan.left)):
        if delta is not None:
            joins = lay_open(other)
            predicates = (*plan.on, *joins.predicates)
            terms.append(_term((delta,), narrowed(joins.inputs, predicates), predicates, _both(plan)))
    if left is not None and right is not None:
        terms.append(_term((left, right), (), plan.on, _both(plan)))
    return terms


def _both(plan: Join) -> tuple[Column, ...]:
    return (*plan.left.columns, *plan.right.columns)


def _term(
    deltas: tuple[Plan, ...], others: tuple[Plan, ...], predicates: tuple[Scalar, ...], columns: tuple[Column, ...]
) -> Plan:
    """Return the columns of a join of some deltas with the new contents of the other inputs, led by the deltas.

    Its weight is the product of theirs, and its sign that of inclusion and exclusion.
    """
    weights = [f"{WEIGHT}_{n}" for n in range(len(deltas))]
    renamed = tuple(rename_weight(delta, name) for delta, name in zip(deltas, weights, strict=True))
    joined = lead(renamed, others, predicates)
    sign = "- " if len(deltas) % 2 == 0 else ""
    weight = Scalar(f"({sign}{' * '.join(weights)})", frozenset(weights))
    return Project(joined, (*columns, WEIGHT_COLUMN), (*(ref(c.id) for c in columns), weight))


def unmatched_terms(
    plan: Join, kept: Plan, other: Plan, d_kept: Relation | None, d_other: Relation | None, context: Context
) -> list[Plan]:
    """Return the change of the rows of ``kept`` that have no match in ``other``, padded with NULLs."""
    terms: list[Plan] = []
    if d_kept is not None:
        terms.append(_pad(plan, kept, unmatched(d_kept, other, plan.on, context)))
    if d_other is not None:
        turned = turned_rows(plan.on, kept, other, d_kept, d_other, context)
        weight = Scalar(f"(- {TURN} * {WEIGHT})", frozenset({TURN, WEIGHT}))
        terms.append(_pad(plan, kept, turned, weight))
    return terms


def _pad(plan: Join, kept: Plan, delta: Relation, weight: Scalar | None = None) -> Plan:
    """Return rows of one side with NULLs for the columns of the other."""
    own = {c.id for c in kept.columns}
    columns = _both(plan)
    expressions = tuple(ref(c.id) if c.id in own else Scalar(f"NULL::{c.type.name}", frozenset()) for c in columns)
    return Project(delta, (*columns, WEIGHT_COLUMN), (*expressions, weight or ref(WEIGHT)))


def _union(terms: list[Plan], columns: tuple[Column, ...]) -> Plan:
    return terms[0] if len(terms) == 1 else UnionAll(tuple(terms), (*columns, WEIGHT_COLUMN))
