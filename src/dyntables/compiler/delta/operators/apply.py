"""Queries of one row, such as ``unnest(array)``, run for each row of the input.

Law: d(N × q(row)) = dN × q(row), where the query q reads nothing but the row. Linear.
State: none. Cost: the query for each changed row.
"""

from __future__ import annotations

from dataclasses import replace

from dyntables.compiler.plan.algebra.nodes import Apply, Plan


def derive_apply(plan: Apply, delta: Plan) -> Plan:
    """Return the delta of the rows with those of their query."""
    return replace(plan, input=delta)
