"""The current time in an expression.

``now()`` is the start of the refresh's transaction, which is the data timestamp. The previous data timestamp is handed
over in a setting, so that a condition can be evaluated at both.
"""

from __future__ import annotations

from sqlglot import exp

from dyntables.compiler.names import CLOCK
from dyntables.compiler.plan.text.dialect import generate

_BEFORE = f"(current_setting('{CLOCK}')::timestamp with time zone)"
_CALLS = {
    "now": "",
    "transaction_timestamp": "",
    "current_timestamp": "timestamp{n} with time zone",
    "localtimestamp": "timestamp{n} without time zone",
    "current_time": "time{n} with time zone",
    "localtime": "time{n} without time zone",
}
_NODES: dict[type[exp.Expr], str] = {
    exp.CurrentDate: "date",
    exp.CurrentTimestamp: "timestamp with time zone",
    exp.Localtimestamp: "timestamp without time zone",
    exp.CurrentTime: "time with time zone",
    exp.Localtime: "time without time zone",
}


def at_previous(node: exp.Expr) -> exp.Expr | None:
    """Return what stands for a node that reads the clock, at the previous data timestamp."""
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in _CALLS:
        digits = f"({generate(node.expressions[0])})" if node.expressions else ""
        type_ = _CALLS[str(node.this).lower()].format(n=digits)
    elif type(node) in _NODES:
        type_ = _NODES[type(node)]
    else:
        return None
    return exp.Var(this=f"({_BEFORE}::{type_})" if type_ else _BEFORE)
