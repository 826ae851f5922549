"""The leaves of a plan: sources, and the stages below.

Law: dT = Σ weight · row over the rows of T's change log that the frontier does not see, identical rows summed and those
that cancel dropped. What a stage below hands on is what it applied.
State: the frontier. Cost: the logged rows since the last refresh.
"""

from __future__ import annotations

from dyntables.compiler.delta.context import WEIGHT_COLUMN
from dyntables.compiler.names import WEIGHT, logged
from dyntables.compiler.plan.algebra.nodes import Plan, Relation, Scan


def derive_scan(leaf: Scan | Relation, changes: Relation | None) -> Plan | None:
    """Return the changes of a leaf under the ids of its columns."""
    if changes is None:
        return None
    if isinstance(leaf, Scan):
        return Relation(changes.name, (*leaf.columns, WEIGHT_COLUMN), (*(logged(f) for f in leaf.fields), WEIGHT))
    return Relation(changes.name, (*leaf.columns, WEIGHT_COLUMN))
