"""Drop the columns that nobody above reads, down to the scans: only read columns are captured and carried."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

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

Item = TypeVar("Item")


@deep(5)
def prune(plan: Plan, needed: frozenset[str]) -> Plan:
    """Return the plan with at least the needed columns and as few others as its operators allow."""
    match plan:
        case Scan():
            kept = [i for i, c in enumerate(plan.columns) if c.id in needed] or [0]
            return replace(plan, columns=_pick(plan.columns, kept), fields=_pick(plan.fields, kept))
        case Relation() | Constant():
            return plan
        case Filter() | ClockFilter() | TopK():
            return replace(plan, input=prune(plan.input, needed | _refs(scalars(plan))))
        case Project():
            return _keep(plan, [i for i, c in enumerate(plan.columns) if c.id in needed] or [0])
        case Expand():
            # A set-returning function is kept even if nobody reads it: it says how many rows there are.
            items = enumerate(zip(plan.columns, plan.expressions, strict=True))
            return _keep(plan, [i for i, (c, e) in items if c.id in needed or e.sql != c.id])
        case Apply():
            return replace(plan, input=prune(plan.input, (needed | _refs(scalars(plan))) & _ids(plan.input)))
        case Join(kind=JoinKind.MARK) if plan.mark is not None and plan.mark.id not in needed:
            return prune(plan.left, needed)
        case Join():
            both = needed | _refs(plan.on)
            left, right = (prune(side, both & _ids(side)) for side in (plan.left, plan.right))
            return replace(plan, left=left, right=right)
        case UnionAll():
            kept_ids = needed & _ids(plan) or frozenset({plan.columns[0].id})
            # Each branch is a projection to the ids of the union, of which nothing but these is left.
            branches = tuple(prune(i, kept_ids) for i in plan.inputs)
            return UnionAll(branches, tuple(c for c in plan.columns if c.id in kept_ids))
        case Recursion():
            # What nobody above reads may say which rows are found next.
            return replace(plan, base=prune(plan.base, _ids(plan.base)), step=prune(plan.step, _ids(plan.step)))
        case Aggregate():
            calls = tuple(c for c in plan.calls if c.column.id in needed)
            # Without keys there must be a call left, as a row without columns is none.
            calls = calls if calls or plan.keys else plan.calls[:1]
            below = _refs(tuple(c.sql for c in calls)) | frozenset(plan.keys)
            return Aggregate(prune(plan.input, below), plan.keys, calls)
        case Window():
            return _window(plan, needed)


def _window(plan: Window, needed: frozenset[str]) -> Plan:
    kept = [i for i, c in enumerate(plan.added) if c.id in needed]
    calls = _pick(plan.calls, kept)
    below = prune(plan.input, (needed & _ids(plan.input)) | _refs(calls) | frozenset(plan.partition))
    return Window(below, plan.partition, _pick(plan.added, kept), calls) if kept else below


def _keep(plan: Project | Expand, kept: list[int]) -> Plan:
    expressions = _pick(plan.expressions, kept)
    below = prune(plan.input, _refs(expressions))
    return replace(plan, input=below, columns=_pick(plan.columns, kept), expressions=expressions)


def _pick(items: tuple[Item, ...], kept: list[int]) -> tuple[Item, ...]:
    return tuple(items[i] for i in kept)


def _refs(scalars: tuple[Scalar, ...]) -> frozenset[str]:
    return frozenset().union(*(s.refs for s in scalars))


def _ids(plan: Plan) -> frozenset[str]:
    return frozenset(c.id for c in plan.columns)
