"""A compiled definition as a tree of explained nodes, over what the server knows of its tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from dyntables.compiler.depth import deep
from dyntables.compiler.explain.facts import Facts
from dyntables.compiler.explain.lookups import Lookup, lookups
from dyntables.compiler.explain.names import Names
from dyntables.compiler.explain.naming import name_columns, nodes
from dyntables.compiler.explain.operator import Law
from dyntables.compiler.explain.table import operator_of
from dyntables.compiler.operators import operator_name
from dyntables.compiler.plan.algebra.nodes import Plan, Project, inputs
from dyntables.compiler.program import Compiled, builds


@dataclass(frozen=True, slots=True)
class State:
    """What a stage keeps; ``rows`` and ``bytes`` are None where it does not exist yet."""

    stage: int
    storage: str | None
    keeps: str
    index: str
    rows: int | None
    bytes: int | None


@dataclass(frozen=True, slots=True)
class Node:
    """One explained node of the plan; ``number`` counts them from the top, depth first.

    ``operator`` names its page in docs/operators.
    """

    number: int
    kind: str
    operator: str
    law: Law
    label: str
    detail: tuple[str, ...]
    columns: tuple[str, ...]
    state: State | None
    lookups: tuple[Lookup, ...]
    children: tuple[Node, ...]
    silent: bool = False

    @property
    def hidden(self) -> bool:
        """Whether text leaves the node out."""
        return self.silent and self.state is None and bool(self.children)


def explain(compiled: Compiled, facts: Facts) -> Node:
    """Return the explained tree of a definition."""
    walk = _Walk(name_columns(compiled), facts, states(compiled, facts), stateful(compiled.plan))
    return walk.node(compiled.plan)


@deep(5)
def all_lookups(node: Node) -> tuple[Lookup, ...]:
    """Return the look-ups of a whole tree, each once."""
    found = {(k.source.oid, k.columns): k for k in node.lookups}
    for child in node.children:
        for lookup in all_lookups(child):
            found.setdefault((lookup.source.oid, lookup.columns), lookup)
    return tuple(found.values())


def missing(node: Node) -> tuple[Lookup, ...]:
    """Return the look-ups of a tree that want an index which is not there."""
    return tuple(k for k in all_lookups(node) if k.missing)


def missing_in(plan: Plan, facts: Facts) -> tuple[Lookup, ...]:
    """Return the same of a plan that need not be explained."""
    found = lookups((want for node in nodes(plan) for want in operator_of(node).wants(node)), facts)
    return tuple(k for k in found if k.missing)


@deep(5)
def stateful(plan: Plan) -> int:
    """Return how many nodes of a plan keep storage of their own."""
    return sum(stateful(child) for child in inputs(plan)) + operator_of(plan).stateful


def states(compiled: Compiled, facts: Facts) -> tuple[State, ...]:
    """Return what each stage keeps, in the order in which they are refreshed."""
    names = name_columns(compiled)
    found = []
    for number, (stage, build) in enumerate(zip(compiled.stages, builds(compiled), strict=True), start=1):
        known = facts.storages.get(stage.storage)
        keeps = _KEEPS.get(type(stage).__name__, "its output rows")
        index = "; ".join(_index(columns, names) for columns in (*build.indexes, *build.hashed))
        rows, size = (known.rows, known.bytes) if known is not None else (None, None)
        storage = stage.storage if known is not None else None
        found.append(State(number, storage, keeps, index, rows, size))
    return tuple(found)


_KEEPS = {
    "AggregateStage": "one row a group, with its state",
    "PartitionStage": "the rows of all partitions",
    "RowsStage": "the rows of the result",
    "RecursionStage": "the rows of the recursion",
}
_HIDDEN = {"__dt_hash": "hash of the row", "__dt_key": "hash of the key"}


def _index(columns: str, names: Names) -> str:
    return ", ".join(_HIDDEN.get(c, names.column(c.strip('"'))) for c in columns.split(", "))


@dataclass(slots=True)
class _Walk:
    """Numbers nodes from the top, and gives stages to stateful nodes from the bottom, as they are cut.

    Were the stages cut otherwise than one a stateful node, none would be shown rather than a wrong one.
    """

    names: Names
    facts: Facts
    states: tuple[State, ...]
    stateful: int
    numbered: int = 0
    staged: int = 0
    root: bool = field(default=True)

    @deep(8)
    def node(self, plan: Plan) -> Node:
        operator = operator_of(plan)
        number, root = self.numbered, self.root
        self.numbered += 1
        self.root = False
        children = tuple(self.node(child) for child in inputs(plan))
        return Node(
            number,
            type(plan).__name__,
            operator_name(plan),
            operator.law(plan),
            operator.label(plan, self.names),
            operator.detail(plan, self.names),
            tuple(self.names.column(c.id) for c in plan.columns),
            self._state(stateful=operator.stateful, root=root),
            lookups(operator.wants(plan), self.facts),
            children,
            silent=_chooses(plan),
        )

    def _state(self, *, stateful: bool, root: bool) -> State | None:
        if stateful and len(self.states) - self.stateful in (0, 1):
            self.staged += 1
            return self.states[self.staged - 1]
        return self.states[-1] if root and len(self.states) == self.stateful + 1 else None


def _chooses(plan: Plan) -> bool:
    """Tell whether a node only leaves columns out, which nobody needs to read about."""
    return isinstance(plan, Project) and all(e.refs == {e.sql} for e in plan.expressions)
