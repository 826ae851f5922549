"""Window functions."""

from __future__ import annotations

from dyntables.compiler.explain.names import Names
from dyntables.compiler.explain.operator import Class, Defined, How, Law, Operator, Want
from dyntables.compiler.plan.algebra.nodes import Window, ref


def _law(node: Window) -> Law:
    if node.partition:
        return Law(Class.TOUCHED_KEYS, "partitions that a change touches are computed again from their present rows")
    return Law(Class.DIFF, "all rows are one partition: it is computed again, and the difference is applied")


def _label(node: Window, names: Names) -> str:
    return f"Window by {names.columns(node.partition)}" if node.partition else "Window over all rows"


def _wants(node: Window) -> tuple[Want, ...]:
    if not node.partition:
        return ()
    return (Want(node.input, tuple(ref(p) for p in node.partition), "to read touched partitions again"),)


WINDOW = Operator(
    Window,
    law=_law,
    label=_label,
    detail=lambda node, names: tuple(
        names.assignment(c.id, call) for c, call in zip(node.added, node.calls, strict=True)
    ),
    defines=lambda node: tuple(Defined(c.id, How.WINDOW, call) for c, call in zip(node.added, node.calls, strict=True)),
    wants=_wants,
    stateful=True,
)
