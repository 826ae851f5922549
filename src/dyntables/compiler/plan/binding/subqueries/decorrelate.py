"""Correlated subquery → a plan of its own and the predicates that tie it to the row around it.

Predicates on outer columns are pulled up to the top of the subquery: through filters, projections and inner joins as
they are, through GROUP BY and LIMIT where they are equalities, whose inner side becomes a key.

Before:  SELECT … FROM l WHERE l.x > (SELECT avg(r.y) FROM r WHERE r.k = l.k)
After:   SELECT … FROM l LEFT JOIN (SELECT r.k, avg(r.y) a FROM r GROUP BY r.k) q ON q.k = l.k WHERE l.x > q.a

Source: Kim, "On Optimizing an SQL-like Nested Query" (TODS 1982); Galindo-Legaria & Joshi, "Orthogonal Optimization of
Subqueries and Aggregation" (SIGMOD 2001), §3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    Filter,
    Join,
    JoinKind,
    Plan,
    Project,
    Scalar,
    Scan,
    TopK,
    Window,
    free_ids,
    ref,
)
from dyntables.compiler.plan.binding.clauses.limits import first_of_partition, partitioned
from dyntables.compiler.plan.binding.scope import fragment
from dyntables.compiler.plan.binding.values.equalities import equality
from dyntables.compiler.plan.binding.values.keys import project_keys
from dyntables.compiler.reasons import NotIncremental, Reason

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder


@dataclass(frozen=True, slots=True)
class Pulled:
    """A closed plan, the predicates over it and outer ids, and whether these match at most one of its rows.

    ``keys``: the columns of the plan that stand for the outer row, where they are known.
    """

    plan: Plan
    predicates: tuple[Scalar, ...] = ()
    single: bool = False
    keys: tuple[str, ...] = ()


@deep(6)
def decorrelate(binder: Binder, plan: Plan) -> Pulled:
    """Close a plan that reads outer columns, or raise NotIncremental."""
    if not free_ids(plan):
        return Pulled(plan, (), isinstance(plan, TopK) and (plan.limit, plan.ties) == ("1", False))
    match plan:
        case Filter():
            below = decorrelate(binder, plan.input)
            closed, open_ = _split(plan.predicates, below.plan)
            kept = Filter(below.plan, closed) if closed else below.plan
            return _single(Pulled(kept, below.predicates + open_, below.single))
        case Project():
            return _project(plan, decorrelate(binder, plan.input))
        case Join(kind=JoinKind.INNER):
            left, right = decorrelate(binder, plan.left), decorrelate(binder, plan.right)
            joined = Join(JoinKind.INNER, left.plan, right.plan, ())
            closed, open_ = _split(plan.on, joined)
            return Pulled(replace(joined, on=closed), left.predicates + right.predicates + open_)
        case Join():
            left = decorrelate(binder, plan.left)
            joined = replace(plan, left=left.plan)
            if free_ids(joined):
                raise _refused("the condition of an outer join or of a subquery in it reads an outer column")
            return Pulled(joined, left.predicates)
        case Aggregate():
            if not plan.keys:
                raise _refused("an aggregate without GROUP BY stands below the top of a correlated subquery")
            return grouped(binder, plan)
        case TopK():
            return _first_rows(binder, plan)
        case Window():
            return _windows(binder, plan)
        case _:
            raise _refused(f"a correlated subquery with {type(plan).__name__.upper()} on the way to its outer column")


def grouped(binder: Binder, plan: Aggregate) -> Pulled:
    """Close an aggregate: what its input is compared with becomes a group key."""
    source, keys, predicates = _keyed(binder, decorrelate(binder, plan.input))
    closed = replace(plan, input=source, keys=tuple(dict.fromkeys([*plan.keys, *keys])))
    if free_ids(closed):
        raise _refused("an aggregate of outer columns")
    return Pulled(closed, predicates, not plan.keys)


def _project(plan: Project, below: Pulled) -> Pulled:
    own = {c.id for c in plan.columns}
    known = {c.id: c for c in below.plan.columns}
    if any(e.refs - set(known) for e in plan.expressions):
        raise _refused("the select list of a correlated subquery reads an outer column")
    needed = [known[r] for p in below.predicates for r in sorted(p.refs) if r in known and r not in own]
    extra = tuple(dict.fromkeys(needed))
    columns, expressions = (*plan.columns, *extra), (*plan.expressions, *(ref(c.id) for c in extra))
    return Pulled(Project(below.plan, columns, expressions), below.predicates, below.single)


def _first_rows(binder: Binder, plan: TopK) -> Pulled:
    below = decorrelate(binder, plan.input)
    source, keys, predicates = _keyed(binder, below)
    kept = first_of_partition(binder, plan, source, tuple(keys))
    return Pulled(kept, predicates, (plan.limit, plan.ties) == ("1", False))


def _windows(binder: Binder, plan: Window) -> Pulled:
    source, keys, predicates = _keyed(binder, decorrelate(binder, plan.input))
    closed = partitioned(plan, source, tuple(keys))
    if free_ids(closed):
        raise _refused("a window of outer columns")
    return Pulled(closed, predicates)


def _keyed(binder: Binder, below: Pulled) -> tuple[Plan, list[str], tuple[Scalar, ...]]:
    """Return the plan with a key column for each equality with the outer row, and the predicates over the keys."""
    inner = {c.id for c in below.plan.columns}
    # A predicate on the outer row alone makes the subquery empty for it, as does a join that it is a condition of.
    outer = tuple(p for p in below.predicates if not p.refs & inner)
    pairs = []
    for predicate in below.predicates:
        pair = equality(predicate, inner)
        if pair is not None:
            pairs.append(pair)
        elif predicate not in outer:
            raise _refused("a correlated subquery compares with its outer row by something else than equality")
    source, keys = project_keys(binder, below.plan, [fragment(pair.here.sql) for pair in pairs])
    equal = (
        Scalar(f"{key} {pair.operator} {_operand(pair.there)}", pair.there.refs | {key})
        for key, pair in zip(keys, pairs, strict=True)
    )
    return source, keys, (*equal, *outer)


def _operand(scalar: Scalar) -> str:
    return scalar.sql if scalar.refs == {scalar.sql} else f"({scalar.sql})"


def _split(predicates: tuple[Scalar, ...], plan: Plan) -> tuple[tuple[Scalar, ...], tuple[Scalar, ...]]:
    ids = {c.id for c in plan.columns}
    return tuple(p for p in predicates if p.refs <= ids), tuple(p for p in predicates if not p.refs <= ids)


def _single(pulled: Pulled) -> Pulled:
    """Note that a lookup by a column that is a key of its source matches one row."""
    core = pulled.plan
    while isinstance(core, (Filter, Project)):
        core = core.input
    unique = {c.id for c in pulled.plan.columns if c.unique} if isinstance(core, Scan) else set()
    pairs = (equality(p, {c.id for c in pulled.plan.columns}) for p in pulled.predicates)
    if any(pair is not None and pair.here.sql in unique for pair in pairs):
        return replace(pulled, single=True)
    return pulled


def _refused(detail: str) -> NotIncremental:
    return NotIncremental(Reason.SUBQUERY, detail)
