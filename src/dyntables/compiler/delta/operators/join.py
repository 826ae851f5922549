"""Joins.

Law (inner):  d(L ⋈ R) = dL ⋈ R + L ⋈ dR − dL ⋈ dR, with L and R the new contents.
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

from dyntables.compiler.delta.context import WEIGHT_COLUMN, Context
from dyntables.compiler.delta.operators.matching import RIGHT_WEIGHT, TURN, rename_weight, turned_rows, unmatched
from dyntables.compiler.names import WEIGHT
from dyntables.compiler.plan.nodes import Join, JoinKind, Plan, Project, Relation, Scalar, UnionAll, ref


def derive_join(plan: Join, left: Plan | None, right: Plan | None, context: Context) -> Plan | None:
    """Return the delta of a join from the deltas of its sides."""
    if left is None and right is None:
        return None
    if plan.kind is JoinKind.INNER and (left is None or right is None):
        # Used once: it is enough that the planner can know its size.
        left = context.known(left, "delta of left side") if left is not None else None
        right = context.known(right, "delta of right side") if right is not None else None
        return _union(inner_terms(plan, left, right), plan)
    d_left = context.stored(left, "delta of left side") if left is not None else None
    d_right = context.stored(right, "delta of right side") if right is not None else None
    terms = inner_terms(plan, d_left, d_right)
    if plan.kind is not JoinKind.INNER:
        terms += unmatched_terms(plan, plan.left, plan.right, d_left, d_right, context)
    if plan.kind is JoinKind.FULL:
        terms += unmatched_terms(plan, plan.right, plan.left, d_right, d_left, context)
    return _union(terms, plan)


def inner_terms(plan: Join, left: Plan | None, right: Plan | None) -> list[Plan]:
    """Return the terms of the inner law for the sides that have changes."""
    terms: list[Plan] = []
    if left is not None:
        terms.append(_pair(plan, left, plan.right, ref(WEIGHT)))
    if right is not None:
        terms.append(_pair(plan, plan.left, rename_weight(right), ref(RIGHT_WEIGHT)))
    if left is not None and right is not None:
        product = Scalar(f"(- {WEIGHT} * {RIGHT_WEIGHT})", frozenset({WEIGHT, RIGHT_WEIGHT}))
        terms.append(_pair(plan, left, rename_weight(right), product))
    return terms


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


def _pair(plan: Join, left: Plan, right: Plan, weight: Scalar) -> Plan:
    """Return left ⋈ right with the columns of the join and the given weight."""
    columns = (*plan.left.columns, *plan.right.columns)
    expressions = tuple(ref(c.id) for c in columns)
    joined = Join(JoinKind.INNER, left, right, plan.on)
    return Project(joined, (*columns, WEIGHT_COLUMN), (*expressions, weight))


def _pad(plan: Join, kept: Plan, delta: Relation, weight: Scalar | None = None) -> Plan:
    """Return rows of one side with NULLs for the columns of the other."""
    own = {c.id for c in kept.columns}
    columns = (*plan.left.columns, *plan.right.columns)
    expressions = tuple(ref(c.id) if c.id in own else Scalar(f"NULL::{c.type.name}", frozenset()) for c in columns)
    return Project(delta, (*columns, WEIGHT_COLUMN), (*expressions, weight or ref(WEIGHT)))


def _union(terms: list[Plan], plan: Join) -> Plan:
    columns = (*plan.columns, WEIGHT_COLUMN)
    return terms[0] if len(terms) == 1 else UnionAll(tuple(terms), columns)
