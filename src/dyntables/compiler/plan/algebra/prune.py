"""Drop the columns that nobody above reads, down to the scans: only read columns are captured and carried."""

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
    Scalar,
    Scan,
    TopK,
    UnionAll,
    Window,
    scalars,
)


@deep(5)
def prune(plan: Plan, needed: frozenset[str]) -> Plan:
    """Return the plan with at least the needed columns and as few others as its operators allow."""
    match plan:
        case Scan():
            kept = [i for i, c in enumerate(plan.columns) if c.id in needed] or [0]
            return replace(
                plan, columns=tuple(plan.columns[i] for i in kept), fields=tuple(plan.fields[i] for i in kept)
            )
        case Relation() | Constant():
            return plan
        case Filter() | ClockFilter() | TopK():
            return replace(plan, input=prune(plan.input, needed | _refs(scalars(plan))))
        case Project():
            kept = [i for i, c in enumerate(plan.columns) if c.id in needed] or [0]
            expressions = tuple(plan.expressions[i] for i in kept)
            return Project(prune(plan.input, _refs(expressions)), tuple(plan.columns[i] for i in kept), expressions)
        case Expand():
            # A set-returning function is kept even if nobody reads it: it says how many rows there are.
            kept = [i for i, (c, e) in enumerate(zip(plan.columns, plan.expressions, strict=True))
                    if c.id in needed or e.sql != c.id]  # fmt: skip
            expressions = tuple(plan.expressions[i] for i in kept)
            return Expand(prune(plan.input, _refs(expressions)), tuple(plan.columns[i] for i in kept), expressions)
        case Apply():
            return replace(plan, input=prune(plan.input, (needed | _refs(scalars(plan))) & _ids(plan.input)))
        case Join(kind=JoinKind.MARK) if plan.mark is not None and plan.mark.id not in needed:
            return prune(plan.left, needed)
        case Join():
            both = needed | _refs(plan.on)
            left = prune(plan.left, both & _ids(plan.left))
            right = prune(plan.right, both & _ids(plan.right))
            return replace(plan, left=left, right=right)
        case UnionAll():
            kept_ids = needed & {c.id for c in plan.columns} or {plan.columns[0].id}
            branches = tuple(prune(_narrow(i, kept_ids), frozenset(kept_ids)) for i in plan.inputs)
            return UnionAll(branches, tuple(c for c in plan.columns if c.id in kept_ids))
        case Recursion():
            # What nobody above reads may say which rows are found next.
            return replace(plan, base=prune(plan.base, _ids(plan.base)), step=prune(plan.step, _ids(plan.step)))
        case Aggregate():
            calls = tuple(c for c in plan.calls if c.column.id in needed)
            if not plan.keys and not calls:
                calls = plan.calls[:1]
            below = frozenset(plan.keys).union(*(c.sql.refs for c in calls)) if calls else frozenset(plan.keys)
            return Aggregate(prune(plan.input, below), plan.keys, calls)
        case Window():
            kept = [i for i, c in enumerate(plan.added) if c.id in needed]
            calls_kept = tuple(plan.calls[i] for i in kept)
            below = (needed & _ids(plan.input)) | _refs(calls_kept) | frozenset(plan.partition)
            if not kept:
                return prune(plan.input, below)
            return Window(prune(plan.input, below), plan.partition, tuple(plan.added[i] for i in kept), calls_kept)


def _narrow(plan: Plan, kept: set[str] | frozenset[str]) -> Plan:
    """A UNION branch is a projection to the union's ids; keep the wanted ones, in order."""
    assert isinstance(plan, Project)
    indexes = [i for i, c in enumerate(plan.columns) if c.id in kept]
    return Project(plan.input, tuple(plan.columns[i] for i in indexes), tuple(plan.expressions[i] for i in indexes))


def _refs(scalars: tuple[Scalar, ...]) -> frozenset[str]:
    return frozenset().union(*(s.refs for s in scalars))


def _ids(plan: Plan) -> frozenset[str]:
    return frozenset(c.id for c in plan.columns)
