"""Projections, and those that give several rows.

Law: d(π N) = π dN, also where an expression gives a set of rows; the weight passes. Linear.
Holds for expressions whose value depends on nothing but the row.
State: none. Cost: the changed rows, and the rows that they give.
"""

from __future__ import annotations

from dataclasses import replace

from dyntables.compiler.delta.context import WEIGHT_COLUMN
from dyntables.compiler.names import WEIGHT
from dyntables.compiler.plan.algebra.nodes import Expand, Plan, Project, ref


def derive_project(plan: Project | Expand, delta: Plan) -> Plan:
    """Return the delta of a projection from that of its input."""
    columns, expressions = (*plan.columns, WEIGHT_COLUMN), (*plan.expressions, ref(WEIGHT))
    return replace(plan, input=delta, columns=columns, expressions=expressions)
