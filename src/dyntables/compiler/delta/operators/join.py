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
from dyntables.compiler.names import WEIGHT, quote
from dyntables.compiler.plan.nodes import (
    Column,
    Join,
    JoinKind,
    Plan,
    Project,
    Relation,
    Scalar,
    SqlType,
    UnionAll,
    ref,
)
from dyntables.compiler.plan.render import conjunction, from_item, ids

RIGHT_WEIGHT = "__dt_weight_r"
ROW = "__dt_row"


def derive_join(plan: Join, left: Plan | None, right: Plan | None, context: Context) -> Plan | None:
    """Return the delta of a join from the deltas of its sides."""
    if left is None and right is None:
        return None
    if plan.kind is JoinKind.INNER:
        if left is not None and right is not None:
            left, right = context.stored(left, "delta of left side"), context.stored(right, "delta of right side")
        return _union(inner_terms(plan, left, right), plan)
    left = context.stored(left, "delta of left side") if left is not None else None
    right = context.stored(right, "delta of right side") if right is not None else None
    terms = inner_terms(plan, left, right)
    terms += unmatched_terms(plan, plan.left, plan.right, left, right, context)
    if plan.kind is JoinKind.FULL:
        terms += unmatched_terms(plan, plan.right, plan.left, right, left, context)
    return _union(terms, plan)


def inner_terms(plan: Join, left: Plan | None, right: Plan | None) -> list[Plan]:
    """Return the terms of the inner law for the sides that have changes."""
    terms: list[Plan] = []
    if left is not None:
        terms.append(_pair(plan, left, plan.right, ref(WEIGHT)))
    if right is not None:
        terms.append(_pair(plan, plan.left, _rename_weight(right), ref(RIGHT_WEIGHT)))
    if left is not None and right is not None:
        product = Scalar(f"(- {WEIGHT} * {RIGHT_WEIGHT})", frozenset({WEIGHT, RIGHT_WEIGHT}))
        terms.append(_pair(plan, left, _rename_weight(right), product))
    return terms


def unmatched_terms(
    plan: Join, kept: Plan, other: Plan, d_kept: Relation | None, d_other: Relation | None, context: Context
) -> list[Plan]:
    """Return the change of the rows of ``kept`` that have no match in ``other``, padded with NULLs."""
    terms: list[Plan] = []
    on = conjunction(plan.on)
    if d_kept is not None:
        sql = (
            f"SELECT {ids(d_kept)} FROM {from_item(d_kept, 'k')} "
            f"WHERE NOT EXISTS (SELECT 1 FROM {from_item(other, 'o')} WHERE {on})"
        )
        terms.append(_pad(plan, kept, context.temporary(sql, d_kept.columns, "changed rows without a match")))
    if d_other is not None:
        touched = _touched(plan, kept, d_kept, d_other, context)
        status = _status_changes(plan, touched, kept, other, d_other)
        columns = (*kept.columns, WEIGHT_COLUMN)
        terms.append(_pad(plan, kept, context.temporary(status, columns, "rows that won or lost their match")))
    return terms


def _touched(plan: Join, kept: Plan, d_kept: Relation | None, d_other: Relation, context: Context) -> Relation:
    """Store the old rows of ``kept`` that match a change of the other side, one by one, with their weight."""
    on = conjunction(plan.on)
    columns = ", ".join(quote(c.id) for c in kept.columns)
    matches = f"EXISTS (SELECT 1 FROM {from_item(_rename_weight(d_other), 'o')} WHERE {on})"
    old = f"SELECT {columns}, 1 AS {WEIGHT} FROM {from_item(kept, 'k')} WHERE {matches}"
    if d_kept is not None:
        old += f" UNION ALL SELECT {columns}, - {WEIGHT} FROM {from_item(d_kept, 'k')} WHERE {matches}"
    sql = f"SELECT row_number() OVER () AS {ROW}, {columns}, {WEIGHT} FROM ({old}) u"
    row = Column(ROW, SqlType("bigint"), nullable=False)
    return context.temporary(sql, (row, *kept.columns, WEIGHT_COLUMN), "rows that a change of the other side matches")


def _status_changes(plan: Join, touched: Relation, kept: Plan, other: Plan, d_other: Relation) -> str:
    on = conjunction(plan.on)
    columns = ", ".join(quote(c.id) for c in kept.columns)
    changed = from_item(_rename_weight(d_other), "o")
    return (
        f"SELECT {columns}, ({WEIGHT} * s)::integer AS {WEIGHT} FROM ("
        f"SELECT t.*, (coalesce(n.n, 0) = 0)::integer - (coalesce(n.n, 0) - d.n = 0)::integer AS s "
        f"FROM {from_item(touched, 't')} "
        f"JOIN (SELECT {ROW}, sum({RIGHT_WEIGHT}) AS n FROM {from_item(touched, 'k')} "
        f"JOIN {changed} ON {on} GROUP BY {ROW}) d USING ({ROW}) "
        f"LEFT JOIN (SELECT {ROW}, count(*) AS n FROM {from_item(touched, 'k')} "
        f"JOIN {from_item(other, 'o')} ON {on} GROUP BY {ROW}) n USING ({ROW})) x WHERE s <> 0"
    )


def _pair(plan: Join, left: Plan, right: Plan, weight: Scalar) -> Plan:
    """Return left ⋈ right with the columns of the join and the given weight."""
    columns = (*plan.left.columns, *plan.right.columns)
    expressions = tuple(ref(c.id) for c in columns)
    joined = Join(JoinKind.INNER, left, right, plan.on)
    return Project(joined, (*columns, WEIGHT_COLUMN), (*expressions, weight))


def _pad(plan: Join, kept: Plan, delta: Relation) -> Plan:
    """Return rows of one side with NULLs for the columns of the other."""
    own = {c.id for c in kept.columns}
    columns = (*plan.left.columns, *plan.right.columns)
    expressions = tuple(ref(c.id) if c.id in own else Scalar(f"NULL::{c.type.name}", frozenset()) for c in columns)
    return Project(delta, (*columns, WEIGHT_COLUMN), (*expressions, ref(WEIGHT)))


def _rename_weight(delta: Plan) -> Plan:
    """Return a delta whose weight does not clash with that of the other side."""
    own = tuple(c for c in delta.columns if c.id != WEIGHT)
    weight = Column(RIGHT_WEIGHT, WEIGHT_COLUMN.type, nullable=False)
    return Project(delta, (*own, weight), (*(ref(c.id) for c in own), ref(WEIGHT)))


def _union(terms: list[Plan], plan: Join) -> Plan:
    columns = (*plan.columns, WEIGHT_COLUMN)
    return terms[0] if len(terms) == 1 else UnionAll(tuple(terms), columns)
