"""WITH RECURSIVE, as a stage of its own, while rows are only added to its sources.

Law: let R = B + T(R), with T linear in R and growing with its sources. If nothing below lost a row, then
R_new = R_old + X, where X = S + T_new(X), and S = dB + T_new(R_old) − T_old(R_old) is the delta of B + T over stored R.
So T is run over S, then over what it gave, until it gives nothing, by a WITH RECURSIVE of the server. Where rows are a
set (UNION), what is stored is left out of S and of each step: a row that is not stored follows from one of S by way of
rows that are not stored either.
Holds if no input of the recursion has a negative weight in its delta, and one by whose rows others lose their padding,
or go, has no delta at all; else rows could stay that follow only from each other. A query before the first write finds
out, and then everything is computed again.
State: the rows, indexed by what the recursive term joins them on, and for UNION by the hash of the row.
Cost: the delta, the stored rows that it joins, and all that follows from them.
Source: Bancilhon, "Naive Evaluation of Recursively Defined Relations" (1985), for the semi-naive step; Gupta, Mumick &
Subrahmanian, "Maintaining Views Incrementally" (SIGMOD 1993), for insertions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dyntables.compiler.delta.consolidate import consolidate
from dyntables.compiler.delta.context import WEIGHT_COLUMN, Context, Purpose
from dyntables.compiler.names import KEY, WEIGHT, quote
from dyntables.compiler.plan.algebra.nodes import Column, Join, JoinKind, Plan, Relation
from dyntables.compiler.plan.algebra.render import from_item, ids, render
from dyntables.compiler.plan.binding.clauses.recursion import path
from dyntables.compiler.plan.binding.values.equalities import equality
from dyntables.compiler.stages import RecursionStage


@dataclass(frozen=True, slots=True)
class Side:
    """An input of a recursion that does not read its rows; ``fixed`` if not even a new row may come in."""

    plan: Plan
    fixed: bool


def sides(stage: RecursionStage) -> Iterator[Side]:
    """Yield the inputs whose growth lets the recursion grow."""
    yield Side(stage.node.base, fixed=False)
    for join in _joins(stage):
        for side in (join.left, join.right):
            if not stage.node.reads_itself(side):
                yield Side(side, fixed=join.kind not in (JoinKind.INNER, JoinKind.SEMI))


def require_growth(side: Side, delta: Plan, context: Context) -> None:
    """Add the query that finds out whether a side lost rows, or changed at all where it must not."""
    lost = "" if side.fixed else f" WHERE {WEIGHT} < 0"
    changes = consolidate(from_item(delta, "d"), side.plan.columns)
    context.run(
        Purpose.REBUILD,
        f"SELECT EXISTS (SELECT 1 FROM ({changes}) c{lost})",
        "rows below WITH RECURSIVE were not only added",
    )


def fresh(stage: RecursionStage) -> str:
    """Return a SELECT of the whole storage from the new input."""
    items = [ids(stage.node), *(stage.key.hash_item() if stage.node.distinct else [])]
    return f"SELECT {', '.join(items)} FROM {from_item(stage.node, 'r')}"


def apply_delta(stage: RecursionStage, delta: Plan, context: Context) -> Relation:
    """Add the statements that find what follows from a delta; return the output delta, of rows with weight 1."""
    node, names = stage.node, ids(stage.node)
    follows = f"({consolidate(from_item(delta, 'd'), node.columns)}) s"
    first, step = f"SELECT {names} FROM {follows}", render(node.step)
    if node.distinct:
        first, step = _unknown(stage, first), _unknown(stage, step)
    else:
        first += f", generate_series(1, s.{WEIGHT})"
    # The planner takes the rows found in all to be some times these: what it does not know of them, it exaggerates.
    seeds = context.temporary(first, node.columns, "rows that follow at once", small=True)
    union = "UNION" if node.distinct else "UNION ALL"
    rows = f"(SELECT {names} FROM {seeds.name}) {union} ({step})"
    found = f"WITH RECURSIVE {node.name} ({names}) AS ({rows}) SELECT {names}, 1 AS {WEIGHT} FROM {node.name}"
    output = context.temporary(found, (*node.columns, WEIGHT_COLUMN), "output delta: rows that follow from rows")
    items = [names, *(stage.key.hash_item() if node.distinct else [])]
    into = [names, *([KEY] if node.distinct and stage.key.hashed else [])]
    context.run(
        Purpose.INSERT,
        f"INSERT INTO {stage.storage} ({', '.join(into)}) SELECT {', '.join(items)} FROM {output.name} d",
        "insert rows",
    )
    return Relation(output.name, (*stage.outputs, WEIGHT_COLUMN))


def indexes(stage: RecursionStage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns of the storage to be indexed, and those of which only a hash can be."""
    leaf = stage.leaf
    own = {c.id: c for c in leaf.columns}
    stored = dict(zip(own, leaf.fields, strict=True))
    plain, hashed = [stage.key.index_columns()] if stage.node.distinct else [], []
    for join in _joins(stage):
        keys = [e.here.sql for p in join.on if (e := equality(p, own)) is not None and e.here.sql in own]
        short: list[Column] = [own[k] for k in dict.fromkeys(keys) if not own[k].type.unbounded]
        if short:
            plain.append(", ".join(quote(stored[c.id]) for c in short))
        else:
            hashed += [quote(stored[k]) for k in keys if own[k].type.hashable]
    return tuple(dict.fromkeys(plain)), tuple(dict.fromkeys(hashed))


def _unknown(stage: RecursionStage, rows: str) -> str:
    """Return a SELECT of those rows that are not stored."""
    items = ", ".join(["*", *stage.key.hash_item()])
    return (
        f"SELECT {ids(stage.node)} FROM (SELECT {items} FROM ({rows}) f) n "
        f"WHERE NOT EXISTS (SELECT 1 FROM {stage.storage} k WHERE {stage.key.match('n', 'k')})"
    )


def _joins(stage: RecursionStage) -> list[Join]:
    return [p for p in path(stage.node) if isinstance(p, Join)]
