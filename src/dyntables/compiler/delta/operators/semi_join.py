"""Semi-joins, anti-joins and marks: EXISTS, IN, ANY and ALL.

Law (semi):  d(L ⋉ R) = dL ⋉ R + Σ over old rows l that turned: turn(l) · l
Law (anti):  d(L ▷ R) = dL ▷ R − Σ over old rows l that turned: turn(l) · l
Law (mark):  d(L, m) = (dL, m) + Σ over old rows l that turned: (l, new answer) − (l, old answer)
with R the new contents; ``matching.py`` says which rows turn. Holds for any condition, NULLs and duplicates included.
State: none. Cost: the matches of the changed rows; an index on what the condition compares makes it follow the change.
Source: Griffin & Kumar, "Algebraic Change Propagation for Semijoin and Outerjoin Queries" (SIGMOD Record 1998).
"""

from __future__ import annotations

from dataclasses import replace

from dyntables.compiler.delta.context import WEIGHT_COLUMN, Context
from dyntables.compiler.delta.operators.matching import TURN, turned_rows
from dyntables.compiler.names import WEIGHT
from dyntables.compiler.plan.algebra.nodes import Column, Join, JoinKind, Plan, Project, Relation, Scalar, UnionAll, ref


def derive_semi_join(plan: Join, left: Plan | None, right: Plan | None, context: Context) -> Plan | None:
    """Return the delta of a semi-join, anti-join or mark from the deltas of its sides."""
    if left is None and right is None:
        return None
    columns = (*plan.columns, WEIGHT_COLUMN)
    terms: list[Plan] = []
    d_left = context.stored(left, "delta of left side") if left is not None else None
    if d_left is not None:
        # The columns of a mark come after those of its left side; the weight has to be the last one.
        answered = replace(plan, left=d_left)
        terms.append(Project(answered, columns, tuple(ref(c.id) for c in columns)))
    if right is not None:
        d_right = context.stored(right, "delta of right side")
        turned = turned_rows(plan.on, plan.left, plan.right, d_left, d_right, context)
        terms += _turns(plan, turned, columns)
    return terms[0] if len(terms) == 1 else UnionAll(tuple(terms), columns)


def _turns(plan: Join, turned: Relation, columns: tuple[Column, ...]) -> list[Plan]:
    kept = tuple(ref(c.id) for c in plan.left.columns)
    reads = frozenset({TURN, WEIGHT})
    if plan.kind is not JoinKind.MARK:
        sign = "-" if plan.kind is JoinKind.ANTI else ""
        return [Project(turned, columns, (*kept, Scalar(f"({sign} {TURN} * {WEIGHT})", reads)))]
    now, before = Scalar(f"({TURN} > 0)", reads), Scalar(f"({TURN} < 0)", reads)
    return [
        Project(turned, columns, (*kept, now, ref(WEIGHT))),
        Project(turned, columns, (*kept, before, Scalar(f"(- {WEIGHT})", reads))),
    ]
