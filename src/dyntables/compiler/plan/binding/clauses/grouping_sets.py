"""GROUPING SETS, ROLLUP and CUBE → one aggregate over rows repeated for each grouping.

Before:  SELECT a, b, count(*) FROM t GROUP BY ROLLUP (a, b)
After:   GROUP BY s, a', b' over t × s, where s numbers the groupings and a', b' are NULL where theirs lacks them;
         the empty grouping is an aggregate of its own, as it has a row even where t has none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    AggregateCall,
    Column,
    Expand,
    Plan,
    Project,
    Scalar,
    SqlType,
    UnionAll,
    as_nullable,
    extend,
    ref,
)
from dyntables.compiler.plan.binding.scope import fragment, rewrite, unwrap
from dyntables.compiler.plan.text.dialect import generate
from dyntables.compiler.reasons import NotIncremental, Reason

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder

_INTEGER = SqlType("integer")
_MOST = 64


def groupings(group: exp.Group | None) -> list[list[exp.Expr]] | None:
    """Return the key expressions of each grouping, or None for a plain GROUP BY."""
    special = (exp.GroupingSets, exp.Rollup, exp.Cube)
    if group is None or not any(isinstance(e, special) or _is_empty(e) for e in group.expressions):
        return None
    parts = [_sets(e) for e in group.expressions]
    found = [[key for part in choice for key in part] for choice in product(*parts)]
    if len(found) > _MOST:
        raise NotIncremental(Reason.GROUPING_SETS, f"more than {_MOST} groupings", generate(group))
    return found


def _sets(element: exp.Expr) -> list[list[exp.Expr]]:
    if isinstance(element, exp.GroupingSets):
        return [s for e in element.expressions for s in _sets(e)]
    if isinstance(element, exp.Rollup):
        members = [_members(e) for e in element.expressions]
        return [[k for m in members[:n] for k in m] for n in range(len(members), -1, -1)]
    if isinstance(element, exp.Cube):
        members = [_members(e) for e in element.expressions]
        return [
            [k for m in chosen for k in m] for n in range(len(members), -1, -1) for chosen in combinations(members, n)
        ]
    return [_members(element)]


def _is_empty(element: exp.Expr) -> bool:
    """Tell whether it is (): one group of all rows."""
    return isinstance(element, exp.Tuple) and not element.expressions


def _members(element: exp.Expr) -> list[exp.Expr]:
    return list(element.expressions) if isinstance(element, exp.Tuple) else [element]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The grouped plan, the id that now stands for each key id and call id, and the number of the grouping."""

    plan: Plan
    ids: dict[str, str]
    number: str


def group_by_sets(binder: Binder, plan: Plan, sets: list[list[str]], calls: tuple[AggregateCall, ...]) -> Grouped:
    """Aggregate for each set of key ids."""
    by_id = {c.id: c for c in plan.columns}
    keys = tuple(dict.fromkeys(k for s in sets for k in s))
    number = Column(binder.ids.fresh("grouping"), _INTEGER, nullable=False)
    nulled = tuple(_nulled(by_id[k], binder.ids.fresh(k.rsplit("_", 1)[0])) for k in keys)
    outputs = tuple(c.column for c in calls)
    filled = [n for n, s in enumerate(sets) if s]
    branches: list[Plan] = []
    if filled:
        repeated = Scalar(f"unnest(ARRAY[{', '.join(map(str, filled))}])", frozenset())
        kept = tuple(ref(c.id) for c in plan.columns)
        expanded = Expand(plan, (*plan.columns, number), (*kept, repeated))
        values = tuple(_where(k, [n for n in filled if k in sets[n]], filled, number.id, by_id[k]) for k in keys)
        branches.append(Aggregate(extend(expanded, nulled, values), (number.id, *(c.id for c in nulled)), calls))
    if len(filled) == len(sets):
        return Grouped(branches[0], dict(zip(keys, (c.id for c in nulled), strict=True)), number.id)

    columns = tuple(replace(c, id=binder.ids.fresh(c.id.rsplit("_", 1)[0])) for c in (number, *nulled, *outputs))
    projected = [Project(b, columns, tuple(ref(c.id) for c in (number, *nulled, *outputs))) for b in branches]
    for n, keys_of_set in enumerate(sets):
        if not keys_of_set:
            nulls = tuple(Scalar(f"NULL::{c.type.name}", frozenset()) for c in nulled)
            items = (Scalar(str(n), frozenset()), *nulls, *(ref(c.id) for c in outputs))
            projected.append(Project(Aggregate(plan, (), calls), columns, items))
    new = [c.id for c in columns[1:]]
    union: Plan = UnionAll(tuple(projected), columns)
    return Grouped(union, dict(zip([*keys, *(c.id for c in outputs)], new, strict=True)), columns[0].id)


def replace_grouping(expression: exp.Expr, by_text: dict[str, str], sets: list[list[str]], number: str) -> exp.Expr:
    """Replace GROUPING(…) by its value in each grouping; ``by_text`` maps key expressions to their ids."""

    def change(node: exp.Expr) -> exp.Expr | None:
        if not isinstance(node, exp.Anonymous) or str(node.this).upper() != "GROUPING":
            return None
        asked = [by_text[generate(unwrap(a))] for a in node.expressions]
        bits = [sum((k not in s) << (len(asked) - 1 - i) for i, k in enumerate(asked)) for s in sets]
        return fragment(f"CASE {number} {' '.join(f'WHEN {n} THEN {b}' for n, b in enumerate(bits))} END")

    return rewrite(expression, change)


def _nulled(column: Column, name: str) -> Column:
    return as_nullable(replace(column, id=name, type=column.type.without_checks, unique=False))


def _where(key: str, holding: list[int], filled: list[int], number: str, column: Column) -> Scalar:
    """Return a key in the groupings that have it, NULL in the others."""
    if holding == filled:
        return ref(key)
    type_ = column.type.without_checks.name
    text = f"CASE WHEN {number} IN ({', '.join(map(str, holding))}) THEN {key} ELSE NULL::{type_} END"
    return Scalar(text, frozenset({key, number}))
