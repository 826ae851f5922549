"""The current time in a condition: evaluated at the data timestamp, and at the previous one for what is owed.

``now()`` is the start of the refresh's transaction, which is the data timestamp. The previous one is handed over in the
setting ``dyntables.clock``.
"""

from __future__ import annotations

from sqlglot import exp

from dyntables.compiler.plan.dialect import generate
from dyntables.compiler.plan.nodes import ClockFilter, Plan, Scalar
from dyntables.compiler.plan.scope import is_id, outside_queries, rewrite, to_scalar, unwrap

SETTING = "dyntables.clock"
_BEFORE = f"(current_setting('{SETTING}')::timestamp with time zone)"
_CALLS = {"now": "", "transaction_timestamp": "", "current_timestamp": "timestamp{n} with time zone",
          "localtimestamp": "timestamp{n} without time zone", "current_time": "time{n} with time zone",
          "localtime": "time{n} without time zone"}  # fmt: skip
_NODES: dict[type[exp.Expr], str] = {
    exp.CurrentDate: "date",
    exp.CurrentTimestamp: "timestamp with time zone",
    exp.Localtimestamp: "timestamp without time zone",
    exp.CurrentTime: "time with time zone",
    exp.Localtime: "time without time zone",
}


def reads_clock(expression: exp.Expr) -> bool:
    """Tell whether an expression reads the current time outside of subqueries."""
    return any(_at_previous(node) is not None for node in outside_queries(expression))


def clock_filter(plan: Plan, predicate: exp.Expr) -> ClockFilter:
    """Return the rows for which a predicate that reads the clock is true."""
    now = Scalar(generate(unwrap(predicate)), to_scalar(_before(predicate)).refs)
    return ClockFilter(plan, now, to_scalar(_before(predicate)), _bounds(unwrap(predicate)))


def _before(expression: exp.Expr) -> exp.Expr:
    return rewrite(expression, _at_previous)


def _at_previous(node: exp.Expr) -> exp.Expr | None:
    """Return what stands for a node that reads the clock, at the previous data timestamp."""
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in _CALLS:
        digits = f"({generate(node.expressions[0])})" if node.expressions else ""
        type_ = _CALLS[str(node.this).lower()].format(n=digits)
    elif type(node) in _NODES:
        type_ = _NODES[type(node)]
    else:
        return None
    return exp.Var(this=f"{_BEFORE}::{type_}" if type_ else _BEFORE)


def _bounds(predicate: exp.Expr) -> tuple[Scalar, ...]:
    """Return the range in which a comparison of columns with the clock changes its verdict."""
    if not isinstance(predicate, (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ)):
        return ()
    for moving, still in ((predicate.left, predicate.right), (predicate.right, predicate.left)):
        if reads_clock(moving) and not reads_clock(still) and not any(is_id(n) for n in moving.walk()):
            value, now, before = to_scalar(still), generate(moving), generate(_before(moving))
            return (
                Scalar(f"{value.sql} >= least({now}, {before})", value.refs),
                Scalar(f"{value.sql} <= greatest({now}, {before})", value.refs),
            )
    return ()
