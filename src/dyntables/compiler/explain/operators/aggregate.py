"""Aggregates and DISTINCT."""

from __future__ import annotations

from dyntables.compiler.delta.keys import Key
from dyntables.compiler.explain.names import Names
from dyntables.compiler.explain.operator import Class, Defined, How, Influence, Law, Operator, Want
from dyntables.compiler.plan.algebra.nodes import Aggregate, Merge, Scalar, ref

MERGES: dict[str, str] = {
    "COUNT": "count added up",
    "SUM": "sum added up",
    "AVG": "sum and count added up",
    "MIN": "compared; the group is read again if its least value was deleted",
    "MAX": "compared; the group is read again if its greatest value was deleted",
    "BOOL_AND": "counts of all values and of those that are false added up",
    "BOOL_OR": "counts of all values and of those that are true added up",
    "RECOMPUTE": "touched groups are read again",
}


def _recomputed(node: Aggregate) -> bool:
    return any(c.merge is Merge.RECOMPUTE for c in node.calls)


def _law(node: Aggregate) -> Law:
    if not _recomputed(node):
        return Law(Class.MERGED, "changes are added to the stored state of their group; a group without rows goes")
    if node.keys:
        return Law(Class.TOUCHED_KEYS, "groups that a change touches are computed again from their present rows")
    return Law(Class.DIFF, "there is one group, and it is computed again from all rows")


def _label(node: Aggregate, names: Names) -> str:
    if not node.calls:
        return f"Distinct {names.columns(node.keys)}"
    return f"Aggregate by {names.columns(node.keys)}" if node.keys else "Aggregate all rows"


def _detail(node: Aggregate, names: Names) -> tuple[str, ...]:
    if not node.calls:
        return ("rows counted; one that is left with none goes",)
    return tuple(
        f"{names.assignment(c.column.id, c.sql)}: {MERGES.get(c.merge, 'its state is added to')}" for c in node.calls
    )


def _defines(node: Aggregate) -> tuple[Defined, ...]:
    keys = tuple(Defined(k, How.GROUP_KEY, ref(k)) for k in node.keys) if node.calls else ()
    return (*keys, *(Defined(c.column.id, How.AGGREGATE, c.sql) for c in node.calls))


def _wants(node: Aggregate) -> tuple[Want, ...]:
    by_id = {c.id: c for c in node.input.columns}
    key = Key(tuple(by_id[k] for k in node.keys))
    found: tuple[Scalar, ...] = tuple(ref(c.id) for c in ((key.lead,) if key.lead is not None else key.columns))
    if not found:
        return ()
    if _recomputed(node):
        return (Want(node.input, found, "to read touched groups again"),)
    if any(c.merge in (Merge.MIN, Merge.MAX) for c in node.calls):
        return (Want(node.input, found, "to read a group again that lost its least or greatest value"),)
    return ()


AGGREGATE = Operator(
    Aggregate,
    law=_law,
    label=_label,
    detail=_detail,
    defines=_defines,
    influences=lambda node: (Influence(How.GROUP_KEY, frozenset(node.keys)),) if node.calls else (),
    wants=_wants,
    stateful=True,
)
