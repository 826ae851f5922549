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

from dataclasses import dataclass

from dyntables.compiler.plan.algebra.nodes import (
    Column,
    Merge,
    Plan,
    Project,
    Scalar,
    leaves,
    ref,
    uses_clock,
)
from dyntables.compiler.plan.binding.joins.inner_joins import (
    InnerJoins,
    determines,
    ids_of,
    is_table,
    join_in_order,
    lay_open,
)
from dyntables.compiler.plan.binding.values.equalities import equality
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
class _Branch:
    """The inner joins of one branch of the input, and what is computed above them."""

    joins: InnerJoins
    above: Project | None

    @property
    def passed(self) -> frozenset[str]:
        """The input columns that come out at the top as they are."""
        if self.above is None:
            return ids_of(*self.joins.inputs)
        return frozenset(c.id for c, e in zip(self.above.columns, self.above.expressions, strict=True) if e.sql == c.id)


def eager(stage: AggregateStage, changed: Changed) -> Eager | None:
    """Return the sides of a stage's input for a refresh in which these leaves have changed, or None."""
    key = _key(stage)
    if key is None or uses_clock(stage.input) or any(c.merge is Merge.RECOMPUTE for c in stage.node.calls):
        return None
    opened = [_open(branch) for branch in branches(stage.input)]
    dimensions = {(_dimension(o.joins, key), _within(o.joins, _dimension(o.joins, key))) for o in opened}
    # Each branch must give a key the same partner, or a key would have several groups.
    if len(dimensions) != 1 or any(not set(stage.node.keys) <= o.passed for o in opened):
        return None
    dimension, within = dimensions.pop()
    touched = [o for o in opened if any(leaf in changed for i in o.joins.inputs for leaf in leaves(i))]
    if len(touched) != 1 or not set(stage.node.keys) <= ids_of(*dimension):
        return None
    if any(leaf in changed for d in dimension for leaf in leaves(d)):
        return None
    fact = _fact(touched[0], key, dimension)
    if fact is None or any(not c.sql.refs <= ids_of(fact[0]) for c in stage.node.calls):
        return None
    return Eager(*fact, join_in_order(dimension, within), key)


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


def _open(branch: Plan) -> _Branch:
    above = branch if isinstance(branch, Project) else None
    return _Branch(lay_open(above.input if above is not None else branch), above)


def _dimension(inner: InnerJoins, key: Column) -> tuple[Plan, ...]:
    """Return the inputs that a value of the key determines a single row of; empty if there are none."""
    found = [i for i in inner.inputs if is_table(i) and key.id in ids_of(i)][:1]
    while found:
        known = ids_of(*found)
        more = next(
            (
                i
                for i in inner.inputs
                if i not in found and is_table(i) and any(determines(p, i, known) for p in inner.predicates)
            ),
            None,
        )
        if more is None:
            break
        found.append(more)
    return tuple(found)


def _within(inner: InnerJoins, dimension: tuple[Plan, ...]) -> tuple[Scalar, ...]:
    known = ids_of(*dimension)
    return tuple(p for p in inner.predicates if p.refs and p.refs <= known)


def _fact(branch: _Branch, key: Column, dimension: tuple[Plan, ...]) -> tuple[Plan, Column] | None:
    """Return the side that has changed, with what is computed of it, and its link; None if it is not apart."""
    inner, above = branch.joins, branch.above
    parts = tuple(i for i in inner.inputs if i not in dimension)
    own = ids_of(*parts)
    name = _only_link(inner, key, own, ids_of(*dimension))
    link = next((c for part in parts for c in part.columns if c.id == name), None)
    if link is None or link.type.name != key.type.name:
        return None
    fact = join_in_order(parts, tuple(p for p in inner.predicates if p.refs <= own))
    if above is None:
        return fact, link
    pairs = zip(above.columns, above.expressions, strict=True)
    computed = {c: e for c, e in pairs if e.refs <= own and c.id != link.id}
    return Project(fact, (link, *computed), (ref(link.id), *computed.values())), link


def _only_link(inner: InnerJoins, key: Column, own: frozenset[str], known: frozenset[str]) -> str | None:
    """Return the fact column that equals the key, if no other predicate reads both sides."""
    crossing = [p for p in inner.predicates if p.refs & own and p.refs & known]
    if len(crossing) != 1:
        return None
    sides = equality(crossing[0], known)
    if sides is None or sides.here.sql != key.id or sides.there.refs != {sides.there.sql}:
        return None
    return sides.there.sql
