"""Columns to columns: where each output column of a definition comes from, and what decides which rows there are.

Pure, and from the plan, so it sees through views, WITH queries, subqueries and unions down to the tables read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dyntables.compiler.depth import deep
from dyntables.compiler.explain.naming import name_columns, nodes
from dyntables.compiler.explain.operator import Defined, How, Influence
from dyntables.compiler.explain.table import operator_of
from dyntables.compiler.plan.nodes import Plan, Scalar, Scan, Source, inputs
from dyntables.compiler.program import Compiled

_ORDER = list(How)
Field = tuple[Source, str]


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from a source column to an output.

    ``output`` is None where the source column decides which rows there are. ``source`` and ``field`` are None for an
    output that reads no column, such as ``count(*)``. ``expression`` is what the output is, over names.
    """

    output: str | None
    source: Source | None
    field: str | None
    how: How
    expression: str | None = None


@dataclass(frozen=True, slots=True)
class _Origin:
    how: How
    fields: dict[Field, How]


def lineage(compiled: Compiled) -> tuple[Edge, ...]:
    """Return the ways to each output column, in order, and then those that decide the rows."""
    names = name_columns(compiled)
    edges: list[Edge] = []
    for name, column in zip(compiled.names, compiled.outputs, strict=True):
        origin = _column(compiled.plan, column.id)
        text = names.formula(column.id)
        edges += [Edge(name, source, field, how, text) for (source, field), how in origin.fields.items()]
        if not origin.fields:
            edges.append(Edge(name, None, None, origin.how, text))
    influences = dict.fromkeys(
        (how, field) for node in nodes(compiled.plan) for how, refs in _influences(node) for field in refs
    )
    edges += [Edge(None, source, field, how) for how, (source, field) in influences]
    return tuple(edges)


def _influences(node: Plan) -> Iterator[tuple[How, list[Field]]]:
    influence: Influence
    for influence in operator_of(node).influences(node):
        found: dict[Field, None] = {}
        for column in sorted(influence.refs):
            for child in inputs(node):
                if any(c.id == column for c in child.columns):
                    found.update(dict.fromkeys(_column(child, column).fields))
        yield influence.how, list(found)


@deep(8)
def _column(plan: Plan, column: str) -> _Origin:
    """Return how a column of a node comes from the sources."""
    if isinstance(plan, Scan):
        fields = dict(zip((c.id for c in plan.columns), plan.fields, strict=True))
        return _Origin(How.PASS_THROUGH, {(plan.source, fields[column]): How.PASS_THROUGH})
    children = inputs(plan)
    for defined in operator_of(plan).defines(plan):
        if defined.column == column:
            return _through(children, defined)
    having = [child for child in children if any(c.id == column for c in child.columns)]
    if having:
        return _merge([_column(child, column) for child in having])
    refs: frozenset[str] = frozenset().union(*(i.refs for i in operator_of(plan).influences(plan)))
    return _through(children, Defined(column, How.EXPRESSION, Scalar(column, refs)))


def _through(children: tuple[Plan, ...], defined: Defined) -> _Origin:
    below = [
        _column(child, ref)
        for ref in sorted(defined.sql.refs)
        for child in children
        if any(c.id == ref for c in child.columns)
    ]
    merged = _merge(below)
    how = _stronger(merged.how, defined.how) if below else defined.how
    return _Origin(how, {field: _stronger(found, defined.how) for field, found in merged.fields.items()})


def _merge(origins: list[_Origin]) -> _Origin:
    how = How.PASS_THROUGH
    fields: dict[Field, How] = {}
    for origin in origins:
        how = _stronger(how, origin.how)
        for field, found in origin.fields.items():
            fields[field] = _stronger(fields.get(field, found), found)
    return _Origin(how, fields)


def _stronger(a: How, b: How) -> How:
    return max(a, b, key=_ORDER.index)
