"""Columns to columns: where each output column of a definition comes from, and what decides which rows there are.

Pure, and from the plan, so it sees through views, WITH queries, subqueries and unions down to the tables read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dyntables.compiler.depth import deep
from dyntables.compiler.explain.naming import name_columns, nodes
from dyntables.compiler.explain.operator import Defined, How, Influence
from dyntables.compiler.explain.table import operator_of
from dyntables.compiler.plan.algebra.nodes import Plan, Recursion, Relation, Scalar, Scan, Source, inputs
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
    walk = _Walk({n.name: n for n in nodes(compiled.plan) if isinstance(n, Recursion)})
    edges: list[Edge] = []
    for name, column in zip(compiled.names, compiled.outputs, strict=True):
        origin = walk.column(compiled.plan, column.id)
        text = names.formula(column.id)
        edges += [Edge(name, source, field, how, text) for (source, field), how in origin.fields.items()]
        if not origin.fields:
            edges.append(Edge(name, None, None, origin.how, text))
    influences = dict.fromkeys(
        (how, field) for node in nodes(compiled.plan) for how, refs in walk.influences(node) for field in refs
    )
    edges += [Edge(None, source, field, how) for how, (source, field) in influences]
    return tuple(edges)


@dataclass(slots=True)
class _Known:
    """A node, what it defines and has by column, and the origins that are known."""

    node: Plan
    defined: dict[str, Defined]
    has: frozenset[str]
    origins: dict[str, _Origin]


class _Walk:
    """Looks at each node once: it may have a thousand columns, and as many nodes above it ask for them."""

    def __init__(self, recursions: Mapping[str, Recursion]) -> None:
        self._nodes: dict[int, _Known] = {}
        self._recursions = recursions

    def influences(self, node: Plan) -> Iterator[tuple[How, list[Field]]]:
        """Yield what of the sources decides which rows a node has."""
        influence: Influence
        for influence in operator_of(node).influences(node):
            found: dict[Field, None] = {}
            for column in sorted(influence.refs):
                for child in self._having(node, column):
                    found.update(dict.fromkeys(self.column(child, column).fields))
            yield influence.how, list(found)

    @deep(8)
    def column(self, plan: Plan, column: str) -> _Origin:
        """Return how a column of a node comes from the sources."""
        known = self._known(plan)
        if column not in known.origins:
            known.origins[column] = self._origin(known, column)
        return known.origins[column]

    def _origin(self, known: _Known, column: str) -> _Origin:
        plan = known.node
        if isinstance(plan, Scan):
            field = plan.fields[next(i for i, c in enumerate(plan.columns) if c.id == column)]
            return _Origin(How.PASS_THROUGH, {(plan.source, field): How.PASS_THROUGH})
        if isinstance(plan, Relation) and plan.name in self._recursions:
            # What the recursive term puts there comes from its own columns, or is found above.
            field = next(f for f, c in zip(plan.fields, plan.columns, strict=True) if c.id == column)
            return self.column(self._recursions[plan.name].base, field)
        if column in known.defined:
            return self._through(plan, known.defined[column])
        having = self._having(plan, column)
        if having:
            return _merge([self.column(child, column) for child in having])
        refs: frozenset[str] = frozenset().union(*(i.refs for i in operator_of(plan).influences(plan)))
        return self._through(plan, Defined(column, How.EXPRESSION, Scalar(column, refs)))

    def _through(self, plan: Plan, defined: Defined) -> _Origin:
        refs = sorted(defined.sql.refs)
        below = [self.column(child, ref) for ref in refs for child in self._having(plan, ref)]
        merged = _merge(below)
        how = _stronger(merged.how, defined.how) if below else defined.how
        return _Origin(how, {field: _stronger(found, defined.how) for field, found in merged.fields.items()})

    def _having(self, plan: Plan, column: str) -> list[Plan]:
        return [child for child in inputs(plan) if column in self._known(child).has]

    def _known(self, plan: Plan) -> _Known:
        known = self._nodes.get(id(plan))
        if known is None:
            defined: dict[str, Defined] = {}
            for one in operator_of(plan).defines(plan):
                defined.setdefault(one.column, one)
            known = self._nodes[id(plan)] = _Known(plan, defined, frozenset(c.id for c in plan.columns), {})
        return known


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
