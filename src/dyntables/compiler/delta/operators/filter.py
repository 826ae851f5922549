"""Filters.

Law: d(σ N) = σ dN. Linear.
Holds for every predicate over one row; those that read the clock are in ``clock_filter.py``, those with subqueries
become joins.
State: none. Cost: the changed rows.
"""

from __future__ import annotations

from dyntables.compiler.plan.algebra.nodes import Filter, Plan


def derive_filter(plan: Filter, delta: Plan) -> Plan:
    """Return the delta of a filter from that of its input."""
    return Filter(delta, plan.predicates)
