"""Cut a plan into stages.

A stateful operator (aggregate, window) keeps its output in storage of its own. Every stage then needs only the deltas
of its inputs and its own state, so that the cost of a refresh follows the size of the change. The last stage is the
dynamic table itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dyntables.compiler.delta.keys import Key
from dyntables.compiler.depth import deep
from dyntables.compiler.names import ALL, COUNT, VISIBLE
from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    Column,
    Filter,
    Plan,
    Project,
    Recursion,
    Relation,
    Scalar,
    SqlType,
    TopK,
    UnionAll,
    Window,
    inputs,
    ref,
    scalars,
    with_inputs,
)
from dyntables.compiler.plan.algebra.render import conjunction
from dyntables.compiler.plan.binding.values.tame import all_tame

VISIBLE_COLUMN = Column(VISIBLE, SqlType("boolean"), nullable=False)
ALL_COLUMN = Column(ALL, SqlType("boolean"), nullable=False)


@dataclass(frozen=True, slots=True)
class AggregateStage:
    """Groups with their states; ``tail`` computes the outputs from keys and results; ``filtered`` if HAVING hides."""

    storage: str
    node: Aggregate
    tail: Plan | None
    outputs: tuple[Column, ...]
    filtered: bool

    @property
    def key(self) -> Key:
        """The identity of a group."""
        by_id = {c.id: c for c in self.node.input.columns}
        return Key(tuple(by_id[k] for k in self.node.keys))

    @property
    def input(self) -> Plan:
        """What the stage reads."""
        return self.node.input

    @property
    def arguments(self) -> tuple[Scalar, ...]:
        """The expressions that are evaluated for each changed row."""
        return tuple(p for c in self.node.calls for p in (c.argument, c.condition) if p is not None)


@dataclass(frozen=True, slots=True)
class PartitionStage:
    """Rows that depend on the whole of their partition; ``plan`` is over ``input`` and carries the partition key."""

    storage: str
    plan: Plan
    input: Plan
    key: Key
    outputs: tuple[Column, ...]

    @property
    def stored(self) -> tuple[Column, ...]:
        """The outputs, and the partition key where it is not among them."""
        own = {c.id for c in self.outputs}
        return (*self.outputs, *(c for c in self.key.columns if c.id not in own))


@dataclass(frozen=True, slots=True)
class RowsStage:
    """A bag of rows without identity: a plan of filters, projections, joins and unions."""

    storage: str
    plan: Plan
    outputs: tuple[Column, ...]

    @property
    def input(self) -> Plan:
        """What the stage reads."""
        return self.plan


@dataclass(frozen=True, slots=True)
class TopStage:
    """The first rows of an order, with a reserve behind them; ``outputs`` are among the columns of ``node``."""

    storage: str
    node: TopK
    outputs: tuple[Column, ...]

    @property
    def input(self) -> Plan:
        """What the stage reads."""
        return self.node.input

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns of the input, whether the row shows, and whether the stage holds the whole input."""
        return (*self.node.columns, VISIBLE_COLUMN, ALL_COLUMN)


@dataclass(frozen=True, slots=True)
class RecursionStage:
    """The rows of a recursion; ``outputs`` are among the columns of ``node``."""

    storage: str
    node: Recursion
    outputs: tuple[Column, ...]

    @property
    def leaf(self) -> Relation:
        """What the recursive term reads of its own rows."""
        return _leaf(self.node.step, self.node)

    @property
    def key(self) -> Key:
        """The identity of a row where rows are a set."""
        return Key(self.node.columns)

    @property
    def input(self) -> Plan:
        """Both terms, the recursive one over the stored rows: its delta is what follows from changes at once."""
        step = _over(self.node.step, replace(self.leaf, name=self.storage), self.node)
        return UnionAll((self.node.base, step), self.node.columns)


def _leaf(plan: Plan, node: Recursion) -> Relation:
    while not isinstance(plan, Relation):
        plan = next(i for i in inputs(plan) if node.reads_itself(i))
    return plan


def _over(plan: Plan, rows: Relation, node: Recursion) -> Plan:
    """Return a recursive term over other rows."""
    if isinstance(plan, Relation):
        return rows
    below = tuple(_over(i, rows, node) if node.reads_itself(i) else i for i in inputs(plan))
    return with_inputs(plan, below)


Stage = AggregateStage | PartitionStage | RowsStage | TopStage | RecursionStage


def visible_rows(stage: Stage) -> str:
    """Return what other stages read of a hidden one, as a FROM item without alias."""
    return f"(SELECT * FROM {stage.storage} WHERE {VISIBLE})" if isinstance(stage, TopStage) else stage.storage


def split(plan: Plan, outputs: tuple[Column, ...], storage: str) -> tuple[Stage, ...]:
    """Return the stages in the order in which they are refreshed; ``storage`` names the last one's table."""
    stages: list[Stage] = []

    @deep(5)
    def lower(node: Plan) -> Plan:
        """Replace the stateful nodes of a subplan by the storage of hidden stages."""
        below = with_inputs(node, tuple(lower(i) for i in inputs(node)))
        if not isinstance(below, (Aggregate, Window, TopK, Recursion)):
            return below
        stage = _stateful(f"{storage}_s{len(stages)}", below, [], below.columns)
        stages.append(stage)
        single = isinstance(below, Aggregate) and not below.keys
        return Relation(visible_rows(stage), below.columns, single=single)

    chain: list[Filter | Project] = []
    core = plan
    while isinstance(core, (Filter, Project)):
        chain.append(core)
        core = core.input
    picked = isinstance(core, (TopK, Recursion)) and _only_picks(chain, core, outputs)
    if picked or isinstance(core, (Aggregate, Window)):
        below = with_inputs(core, tuple(lower(i) for i in inputs(core)))
        assert isinstance(below, (Aggregate, Window, TopK, Recursion))
        stages.append(_stateful(storage, below, chain, outputs))
    else:
        stages.append(RowsStage(storage, lower(plan), outputs))
    return tuple(stages)


def _only_picks(chain: list[Filter | Project], core: TopK | Recursion, outputs: tuple[Column, ...]) -> bool:
    ids = {c.id for c in core.columns}
    return all(isinstance(link, Project) for link in chain) and all(c.id in ids for c in outputs)


def _stateful(
    storage: str,
    node: Aggregate | Window | TopK | Recursion,
    chain: list[Filter | Project],
    outputs: tuple[Column, ...],
) -> Stage:
    if isinstance(node, TopK):
        return TopStage(storage, node, outputs)
    if isinstance(node, Recursion):
        return RecursionStage(storage, node, outputs)
    if isinstance(node, Window):
        by_id = {c.id: c for c in node.input.columns}
        key = Key(tuple(by_id[p] for p in node.partition))
        return PartitionStage(storage, _carry(chain, node, key.columns), node.input, key, outputs)
    filtered = any(isinstance(link, Filter) for link in chain)
    if not chain:
        return AggregateStage(storage, node, None, outputs, filtered=False)
    leaf = Relation("x", node.columns)
    tail = _mark(chain, leaf, node.columns, keyed=bool(node.keys))
    return AggregateStage(storage, node, tail, outputs, filtered)


def _carry(chain: list[Filter | Project], core: Plan, carried: tuple[Column, ...]) -> Plan:
    """Rebuild a chain of filters and projections over ``core`` so that the carried columns come out at the top."""
    plan = core
    for link in reversed(chain):
        if isinstance(link, Filter):
            plan = Filter(plan, link.predicates)
        else:
            own = {c.id for c in link.columns}
            extra = tuple(c for c in carried if c.id not in own)
            plan = Project(plan, (*link.columns, *extra), (*link.expressions, *(ref(c.id) for c in extra)))
    return plan


def _mark(chain: list[Filter | Project], core: Plan, carried: tuple[Column, ...], *, keyed: bool) -> Plan:
    """Like ``_carry``, with each filter turned into a column that says whether the row is visible.

    What can fail is not evaluated for rows that are not visible, and not for a group that has just become empty.
    """
    wild = not all(all_tame(scalars(link), link.input.columns) for link in chain)
    guarded = keyed and wild
    seen = Scalar(f"({COUNT} > 0)" if guarded else "true", frozenset())
    plan: Plan = Project(core, (*core.columns, VISIBLE_COLUMN), (*(ref(c.id) for c in core.columns), seen))
    carried = (*carried, VISIBLE_COLUMN)
    for link in reversed(chain):
        if isinstance(link, Filter):
            guarded = True
            condition = f"coalesce({conjunction(link.predicates)}, false)"
            condition = f"CASE WHEN {VISIBLE} THEN {condition} ELSE false END" if wild else f"{VISIBLE} AND {condition}"
            own = tuple(c for c in plan.columns if c.id != VISIBLE)
            plan = Project(
                plan, (*own, VISIBLE_COLUMN), (*(ref(c.id) for c in own), Scalar(condition, frozenset({VISIBLE})))
            )
        else:
            own_ids = {c.id for c in link.columns}
            extra = tuple(c for c in carried if c.id not in own_ids)
            expressions = tuple(_only_if_visible(e) if guarded else e for e in link.expressions)
            plan = Project(plan, (*link.columns, *extra), (*expressions, *(ref(c.id) for c in extra)))
    return plan


def _only_if_visible(expression: Scalar) -> Scalar:
    """HAVING is evaluated before the select list: an expression must not fail for a group that it hides."""
    if expression.refs == {expression.sql}:
        return expression
    return Scalar(f"CASE WHEN {VISIBLE} THEN {expression.sql} END", expression.refs | {VISIBLE})
