"""Aggregate a delta before it is joined with the rows that its group keys come from.

Law: let an aggregate group L ⋈[l.f = r.k] R by columns of R alone, k a key of R, and let R not have changed. Each k
then has one row in R, one group, and in every changed row of L only one partner. So the delta can be grouped by f, and
its groups merged with the stored group of that k, which has the other keys; only groups without a stored one look
their keys up in R.
Holds if nothing but ``f = k`` links L to R, and every aggregate that is merged reads L only. R is k's table and what
its rows determine: tables joined to it by a key of theirs.
State: none. Cost: the delta, and one look-up in storage for each touched k; R is read for new groups alone.
Source: Yan & Larson, "Eager Aggregation and Lazy Aggregation" (VLDB 1995).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dyntables.compiler.plan.equalities import equality
from dyntables.compiler.plan.nodes import (
    Column,
    Filter,
    Join,
    JoinKind,
    Merge,
    Plan,
    Project,
    Scalar,
    Scan,
    leaves,
    ref,
    uses_clock,
)
from dyntables.compiler.rewrites.distribute_union import branches
from dyntables.compiler.stages import AggregateStage

Changed = frozenset[int | str]


@dataclass(frozen=True, slots=True)
class Eager:
    """The sides of an aggregate's input: ``fact`` has changed, ``dimension`` has the keys, one row for each ``key``.

    ``link`` is the column of ``fact`` that equals ``key``.
    """

    fact: Plan
    link: Column
    dimension: Plan
    key: Column


@dataclass(frozen=True, slots=True)
class _Inner:
    """Inner joins laid open: their inputs, all predicates, and what is computed above them."""

    inputs: tuple[Plan, ...]
    predicates: tuple[Scalar, ...]
    above: Project | None

    @property
    def passed(self) -> frozenset[str]:
        """The input columns that come out at the top as they are."""
        if self.above is None:
            return frozenset(c.id for i in self.inputs for c in i.columns)
        return frozenset(c.id for c, e in zip(self.above.columns, self.above.expressions, strict=True) if e.sql == c.id)


def eager(stage: AggregateStage, changed: Changed) -> Eager | None:
    """Return the sides of a stage's input for a refresh in which these leaves have changed, or None."""
    key = _key(stage)
    if key is None or uses_clock(stage.input) or any(c.merge is Merge.RECOMPUTE for c in stage.node.calls):
        return None
    opened = [_open(branch) for branch in branches(stage.input)]
    dimensions = {(_dimension(o, key), _within(o, _dimension(o, key))) for o in opened}
    # Each branch must give a key the same partner, or a key would have several groups.
    if len(dimensions) != 1 or any(not set(stage.node.keys) <= o.passed for o in opened):
        return None
    dimension, within = dimensions.pop()
    touched = [o for o in opened if any(leaf in changed for i in o.inputs for leaf in leaves(i))]
    if len(touched) != 1 or not set(stage.node.keys) <= _ids(*dimension):
        return None
    if any(leaf in changed for d in dimension for leaf in leaves(d)):
        return None
    rows = _join(dimension, within)
    fact = _fact(touched[0], key, dimension)
    if rows is None or fact is None or any(not c.sql.refs <= _ids(fact[0]) for c in stage.node.calls):
        return None
    return Eager(*fact, rows, key)


def _key(stage: AggregateStage) -> Column | None:
    """Return the key column that all but identifies a group, if storage can be looked up by it."""
    key = stage.key
    if key.lead is not None:
        found = key.lead
    elif len(key.columns) == 1 and key.columns[0].unique and not key.hashed:
        found = key.columns[0]
    else:
        return None
    return found if found.type.image_equal else None


def _open(branch: Plan) -> _Inner:
    above: Project | None = None
    if isinstance(branch, Project):
        above, branch = branch, branch.input
    found: list[Plan] = []
    predicates: list[Scalar] = []

    def visit(node: Plan) -> None:
        if isinstance(node, Join) and node.kind is JoinKind.INNER:
            predicates.extend(node.on)
            visit(node.left)
            visit(node.right)
        elif isinstance(node, Filter) and isinstance(node.input, Join) and node.input.kind is JoinKind.INNER:
            predicates.extend(node.predicates)
            visit(node.input)
        elif isinstance(node, Project) and _only_picks(node):
            visit(node.input)
        else:
            found.append(node)

    visit(branch)
    return _Inner(tuple(found), tuple(predicates), above)


def _only_picks(node: Project) -> bool:
    return all(e.sql == c.id for c, e in zip(node.columns, node.expressions, strict=True))


def _dimension(inner: _Inner, key: Column) -> tuple[Plan, ...]:
    """Return the inputs that a value of the key determines a single row of; empty if there are none."""
    found = [i for i in inner.inputs if _is_table(i) and key.id in _ids(i)][:1]
    while found:
        known = _ids(*found)
        more = next(
            (
                i
                for i in inner.inputs
                if i not in found and _is_table(i) and any(_determines(p, i, known) for p in inner.predicates)
            ),
            None,
        )
        if more is None:
            break
        found.append(more)
    return tuple(found)


def _is_table(plan: Plan) -> bool:
    """Tell whether a column that is unique in its source is so in the plan."""
    return isinstance(plan, Scan) or (isinstance(plan, Filter) and _is_table(plan.input))


def _determines(predicate: Scalar, table: Plan, known: frozenset[str]) -> bool:
    """Tell whether a predicate equates a unique column of a table with something over known columns."""
    sides = equality(predicate, _ids(table))
    if sides is None or not sides[1].refs or not sides[1].refs <= known:
        return False
    return any(c.id == sides[0].sql and c.unique for c in table.columns)


def _within(inner: _Inner, dimension: tuple[Plan, ...]) -> tuple[Scalar, ...]:
    known = _ids(*dimension)
    return tuple(p for p in inner.predicates if p.refs and p.refs <= known)


def _fact(inner: _Inner, key: Column, dimension: tuple[Plan, ...]) -> tuple[Plan, Column] | None:
    """Return the side that has changed, with what is computed of it, and its link; None if it is not apart."""
    parts = tuple(i for i in inner.inputs if i not in dimension)
    own = _ids(*parts)
    name = _only_link(inner, key, own, _ids(*dimension))
    link = next((c for part in parts for c in part.columns if c.id == name), None)
    if link is None or link.type.name != key.type.name:
        return None
    fact = _join(parts, tuple(p for p in inner.predicates if p.refs <= own))
    if fact is None or inner.above is None:
        return None if fact is None else (fact, link)
    pairs = zip(inner.above.columns, inner.above.expressions, strict=True)
    computed = {c: e for c, e in pairs if e.refs <= own and c.id != link.id}
    return Project(fact, (link, *computed), (ref(link.id), *computed.values())), link


def _only_link(inner: _Inner, key: Column, own: frozenset[str], known: frozenset[str]) -> str | None:
    """Return the fact column that equals the key, if no other predicate reads both sides."""
    crossing = [p for p in inner.predicates if p.refs & own and p.refs & known]
    if len(crossing) != 1:
        return None
    sides = equality(crossing[0], known)
    if sides is None or sides[0].sql != key.id or sides[1].refs != {sides[1].sql}:
        return None
    return sides[1].sql


def _join(parts: tuple[Plan, ...], predicates: tuple[Scalar, ...]) -> Plan | None:
    """Return the inner join of the parts, each predicate as soon as its columns are there; None if one is a product."""
    plan, left = parts[0], list(predicates)
    for part in parts[1:]:
        ids = _ids(plan, part)
        on = tuple(p for p in left if p.refs <= ids)
        if not any(p.refs & _ids(part) and p.refs & _ids(plan) for p in on):
            return None
        left = [p for p in left if p not in on]
        plan = Join(JoinKind.INNER, plan, part, on)
    if not left:
        return plan
    return replace(plan, on=(*plan.on, *left)) if isinstance(plan, Join) else Filter(plan, tuple(left))


def _ids(*plans: Plan) -> frozenset[str]:
    return frozenset(c.id for p in plans for c in p.columns)
