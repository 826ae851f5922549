"""UNION ALL.

Law: d(A ∪ B) = dA ∪ dB. Linear; a branch without changes makes no term.
State: none. Cost: the changed rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from dyntables.compiler.delta.context import WEIGHT_COLUMN
from dyntables.compiler.plan.algebra.nodes import Plan, UnionAll


def derive_union_all(plan: UnionAll, deltas: Sequence[Plan]) -> Plan | None:
    """Return the union of the deltas of the branches that changed."""
    return UnionAll(tuple(deltas), (*plan.columns, WEIGHT_COLUMN)) if deltas else None
