"""Joins, and the equalities by which a join looks rows up."""

from __future__ import annotations

from functools import reduce

from sqlglot import exp

from dyntables.compiler.explain.names import Names
from dyntables.compiler.explain.operator import Class, How, Influence, Law, Operator, Want
from dyntables.compiler.plan.algebra.nodes import Join, JoinKind, Plan, Recursion, Relation, Scalar, inputs, scans
from dyntables.compiler.plan.binding.scope import unwrap
from dyntables.compiler.plan.binding.values.equalities import equality_operator
from dyntables.compiler.plan.text.dialect import generate, parse
from dyntables.compiler.reasons import NotIncremental


def equalities(on: tuple[Scalar, ...], left: Plan, right: Plan) -> tuple[tuple[Scalar, Scalar], ...]:
    """Return the pairs (left key, right key) that a condition sets equal, each over one side only."""
    sides = [{c.id for c in left.columns}, {c.id for c in right.columns}]
    pairs = []
    for predicate in on:
        for a, b in _compared(predicate):
            if a.refs and b.refs and a.refs <= sides[0] and b.refs <= sides[1]:
                pairs.append((a, b))
            elif a.refs and b.refs and a.refs <= sides[1] and b.refs <= sides[0]:
                pairs.append((b, a))
    return tuple(pairs)


def key_wants(on: tuple[Scalar, ...], left: Plan, right: Plan) -> tuple[Want, ...]:
    """Return the look-ups of a join: each side by its keys, for the changed rows of the other."""
    pairs = equalities(on, left, right)
    if not pairs:
        return ()
    return (
        Want(right, tuple(b for _, b in pairs), f"for changes of {_sources(left)}"),
        Want(left, tuple(a for a, _ in pairs), f"for changes of {_sources(right)}"),
    )


def _sources(plan: Plan) -> str:
    """Return the tables whose changes make the look-up; a recursive term makes it for its own rows, too."""
    tables = dict.fromkeys(f"{s.source.schema}.{s.source.name}" for s in scans(plan))
    return ", ".join([*tables, *(["the rows found before"] if _reads_own(plan) else [])])


def _reads_own(plan: Plan) -> bool:
    """Tell whether a plan is a part of a recursive term that reads the rows of this."""
    return isinstance(plan, Relation) or (
        not isinstance(plan, Recursion) and any(_reads_own(child) for child in inputs(plan))
    )


def _compared(predicate: Scalar) -> list[tuple[Scalar, Scalar]]:
    try:
        node = unwrap(parse(f"SELECT {predicate.sql}").expressions[0])
    except NotIncremental:
        return []
    if equality_operator(node) is None or not isinstance(node, exp.Binary):
        return []
    return [(_scalar(node.left, predicate), _scalar(node.right, predicate))]


def _scalar(node: exp.Expr, predicate: Scalar) -> Scalar:
    refs = frozenset(c.name for c in node.find_all(exp.Column)) & predicate.refs
    return Scalar(generate(unwrap(node)), refs)


LAWS: dict[str, Law] = {
    "INNER": Law(Class.BILINEAR, "changed rows of each side joined with the present rows of the other"),
    "LEFT": Law(
        Class.TOUCHED_KEYS,
        "as an inner join; left rows that a change of the right side matches are counted again, for the padding",
    ),
    "FULL": Law(
        Class.TOUCHED_KEYS,
        "as an inner join; rows of either side that a change of the other matches are counted again, for the padding",
    ),
    "SEMI": Law(Class.TOUCHED_KEYS, "left rows that a change of the right side matches are counted again"),
    "ANTI": Law(Class.TOUCHED_KEYS, "left rows that a change of the right side matches are counted again"),
    "MARK": Law(Class.TOUCHED_KEYS, "left rows that a change of the right side matches are counted again"),
}

LABELS: dict[str, str] = {
    "INNER": "Join",
    "LEFT": "Left join",
    "FULL": "Full join",
    "SEMI": "Rows with a match (EXISTS, IN)",
    "ANTI": "Rows without a match (NOT EXISTS, NOT IN)",
    "MARK": "Mark rows that have a match",
}

_OTHER = Law(Class.TOUCHED_KEYS, "rows that a change of either side matches are looked at again")


def _label(node: Join, _names: Names) -> str:
    if not node.on and node.kind is JoinKind.INNER:
        return "Cross join"
    return LABELS.get(node.kind, f"{node.kind.capitalize()} join")


def _detail(node: Join, names: Names) -> tuple[str, ...]:
    conditions = tuple(f"on {names.expression(p)}" for p in node.on)
    if equalities(node.on, node.left, node.right):
        return conditions
    return (*conditions, "no equality to look rows up by: a change reads all rows of the other side")


def _influence(node: Join) -> tuple[Influence, ...]:
    refs: frozenset[str] = reduce(frozenset.union, (p.refs for p in node.on), frozenset())
    return (Influence(How.JOIN, refs),)


JOIN = Operator(
    Join,
    law=lambda node: LAWS.get(node.kind, _OTHER),
    label=_label,
    detail=_detail,
    influences=_influence,
    wants=lambda node: key_wants(node.on, node.left, node.right),
)
