"""WITH RECURSIVE."""

from __future__ import annotations

from dyntables.compiler.explain.operator import Class, Law, Operator
from dyntables.compiler.plan.algebra.nodes import Recursion

_LAW = (
    "what follows from added rows is found step by step, and the stored rows that these join are looked up; if rows "
    "were changed or deleted, everything is computed again"
)

RECURSION = Operator(
    Recursion,
    law=lambda _: Law(Class.BILINEAR, _LAW),
    label=lambda node, _: "Recursion, each row once" if node.distinct else "Recursion",
    stateful=True,
)
