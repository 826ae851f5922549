"""Scans, and the nodes that look at one row at a time."""

from __future__ import annotations

from dyntables.compiler.explain.names import Names
from dyntables.compiler.explain.operator import Class, Defined, How, Influence, Law, Operator
from dyntables.compiler.plan.algebra.nodes import Filter, Project, Relation, Scan, SourceKind, UnionAll


def _read(node: Scan, names: Names) -> str:
    kind = "dynamic table " if node.source.kind is SourceKind.DYNAMIC_TABLE else ""
    return f"Read {kind}{names.scan(node)}"


def _read_columns(node: Scan, _names: Names) -> tuple[str, ...]:
    return (f"columns {', '.join(node.fields)}",)


def _scan_law(node: Scan) -> Law:
    if node.source.kind is SourceKind.DYNAMIC_TABLE:
        return Law(Class.SOURCE, "what its refreshes changed is read from its change log")
    return Law(Class.SOURCE, "what writers changed is read from its change log")


def _project_label(node: Project, _names: Names) -> str:
    computed = sum(1 for d in _defined(node) if d.how is How.EXPRESSION)
    return f"Compute {computed} column{'s' if computed != 1 else ''}" if computed else "Choose columns"


def _computed(node: Project, names: Names) -> tuple[str, ...]:
    return tuple(names.assignment(d.column, d.sql) for d in _defined(node) if d.how is How.EXPRESSION)


def _defined(node: Project) -> tuple[Defined, ...]:
    return tuple(
        Defined(c.id, How.PASS_THROUGH if e.refs == {e.sql} else How.EXPRESSION, e)
        for c, e in zip(node.columns, node.expressions, strict=True)
    )


def _filter_influence(node: Filter) -> tuple[Influence, ...]:
    return tuple(Influence(How.FILTER, p.refs) for p in node.predicates)


SCAN = Operator(Scan, law=_scan_law, label=_read, detail=_read_columns)

RELATION = Operator(
    Relation,
    law=lambda _: Law(Class.SOURCE, "the rows of the recursion itself, those found last"),
    label=lambda _, __: "Read the rows found before",
)

FILTER = Operator(
    Filter,
    law=lambda _: Law(Class.LINEAR, "the changed rows that meet the condition"),
    label=lambda _, __: "Filter",
    detail=lambda node, names: tuple(names.expression(p) for p in node.predicates),
    influences=_filter_influence,
)

PROJECT = Operator(
    Project,
    law=lambda _: Law(Class.LINEAR, "computed for the changed rows"),
    label=_project_label,
    detail=_computed,
    defines=_defined,
)

UNION_ALL = Operator(
    UnionAll,
    law=lambda _: Law(Class.LINEAR, "the changes of every branch together"),
    label=lambda node, _: f"Union of {len(node.inputs)} branches",
)
