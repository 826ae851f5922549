"""Pull UNION ALL to the top of a plan, so that each branch can be joined with a few keys on its own.

Before:  (A ∪ B) ⋈ K
After:   (A ⋈ K) ∪ (B ⋈ K)

PostgreSQL looks keys up by index inside a branch that is a plain join, and not inside a union of joins.
"""

from __future__ import annotations

from dataclasses import replace

from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    Apply,
    ClockFilter,
    Constant,
    Expand,
    Filter,
    Join,
    JoinKind,
    Plan,
    Project,
    Recursion,
    Relation,
    Scan,
    TopK,
    UnionAll,
    Window,
)

_MOST = 16


def branches(plan: Plan) -> list[Plan]:
    """Return plans whose UNION ALL is the plan, each without a union at its top; one plan if they were too many."""
    found = _branches(plan)
    return found if len(found) <= _MOST else [plan]


@deep(5)
def _branches(plan: Plan) -> list[Plan]:
    match plan:
        case UnionAll():
            return [b for i in plan.inputs for b in _branches(i)]
        case Filter() | ClockFilter() | Project() | Expand() | Apply():
            return [replace(plan, input=b) for b in _branches(plan.input)]
        case Join(kind=JoinKind.INNER):
            return [replace(plan, left=a, right=b) for a in _branches(plan.left) for b in _branches(plan.right)]
        case Join(kind=JoinKind.LEFT | JoinKind.SEMI | JoinKind.ANTI | JoinKind.MARK):
            return [replace(plan, left=b) for b in _branches(plan.left)]
        case Scan() | Relation() | Constant() | Join() | Aggregate() | Window() | TopK() | Recursion():
            return [plan]
