"""Expressions that hardly ever fail: at most because a value is too large for its type.

Rows of no state may be computed with only such expressions (``delta/passing.py``); what is not known to be tame is
evaluated on rows that were or are really there. An overflow over other rows leads to a rebuild, which is cheaper than
to consolidate every sum of products first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import Column, Scalar
from dyntables.compiler.plan.binding.scope import fragment, is_id, unwrap

_TO_NUMBERS = exp.DataType.NUMERIC_TYPES
_TO_TIMES = {exp.DType.DATE, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ}
_TO_TEXT = exp.DataType.TEXT_TYPES
_FORMS = (
    exp.Paren, exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.Between, exp.In,
    exp.NullSafeEQ, exp.NullSafeNEQ, exp.Any, exp.All, exp.Tuple, exp.Array, exp.Null, exp.Boolean, exp.Literal,
    exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Case, exp.If, exp.DPipe, exp.Collate, exp.Extract, exp.Trim, exp.Bracket,
    exp.JSONExtract, exp.JSONExtractScalar, exp.JSONBExtract, exp.JSONBExtractScalar, exp.ArrayContainsAll,
    exp.ArrayContainedBy, exp.ArrayOverlaps, exp.Var,
)  # fmt: skip
_HARMLESS = """
    coalesce nullif greatest least row abs ceil ceiling floor round trunc sign lower upper initcap length char_length
    character_length octet_length strpos reverse replace translate btrim ltrim rtrim left right concat concat_ws md5
    cardinality array_length jsonb_typeof num_nulls num_nonnulls
"""
# By name, with the arguments that have to be constants.
_CALLS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(_HARMLESS.split(), ()),
    **dict.fromkeys(("date_trunc", "date_part", "timezone"), (0,)),
    **{"to_char": (1,), "split_part": (1, 2), "substring": (1, 2), "substr": (1, 2)},
}


def all_tame(scalars: Iterable[Scalar], columns: Iterable[Column]) -> bool:
    """Tell whether expressions over columns fail at most for values that are too large."""
    bases = {c.id: c.type.base for c in columns}
    return all(
        s.refs == {s.sql} or _tame(s.sql, frozenset((r, bases[r]) for r in s.refs if r in bases)) for s in scalars
    )


@lru_cache(maxsize=5000)
def _tame(sql: str, columns: frozenset[tuple[str, str]]) -> bool:
    """Tell it of one expression; the same ones are asked for in each derivation."""
    return _is_tame(fragment(sql), dict(columns))


def _is_tame(node: exp.Expr, types: Mapping[str, str]) -> bool:
    if is_id(node) or _is_constant(node):
        # Whatever a constant does, it does for every row.
        return True
    match node:
        case exp.Div() | exp.Mod():
            tame = _never_zero(node.right)
        case exp.Cast():
            tame = _keeps(node, types)
        case exp.Like() | exp.ILike() | exp.RegexpLike() | exp.RegexpILike() | exp.AtTimeZone():
            other = node.args.get("zone") or node.expression
            tame = _is_constant(other)
        case exp.Substring():
            tame = all(_is_constant(a) for a in (node.args.get("start"), node.args.get("length")) if a is not None)
        case exp.Anonymous():
            fixed = _CALLS.get(node.name.lower())
            tame = fixed is not None and all(_is_constant(a) for n, a in enumerate(node.expressions) if n in fixed)
        case _:
            tame = isinstance(node, _FORMS)
    return tame and all(_is_tame(child, types) for child in node.iter_expressions())


def _is_constant(node: exp.Expr) -> bool:
    return not any(is_id(n) for n in node.find_all(exp.Column)) and node.find(exp.Query) is None


def _never_zero(node: exp.Expr) -> bool:
    node = unwrap(node)
    while isinstance(node, exp.Cast):
        node = unwrap(node.this)
    if isinstance(node, exp.Anonymous) and node.name.lower() == "nullif" and len(node.expressions) == 2:
        zero = node.expressions[1].find(exp.Literal)
        return zero is not None and _is_constant(node.expressions[1]) and zero.name.strip("0.") == ""
    return _is_constant(node)


def _keeps(cast: exp.Cast, types: Mapping[str, str]) -> bool:
    """Tell whether a cast has a value for all values but those that are too large."""
    to = cast.to.this
    if to in _TO_TEXT:
        return True
    if to in _TO_NUMBERS:
        return _is_of(cast.this, _NUMBER, types)
    return to in _TO_TIMES and _is_of(cast.this, _TIME, types)


@dataclass(frozen=True, slots=True)
class _Family:
    """Types that can be cast to each other: of columns, of casts, and the calls that give one of them."""

    bases: frozenset[str]
    targets: frozenset[exp.DType]
    calls: frozenset[str]


_NUMBER = _Family(
    frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision", "boolean"}),
    frozenset(_TO_NUMBERS),
    frozenset({"length", "char_length", "abs", "ceil", "floor", "round", "sign", "date_part", "cardinality"}),
)
_TIME = _Family(
    frozenset({"date", "timestamp without time zone", "timestamp with time zone"}),
    frozenset(_TO_TIMES),
    frozenset({"date_trunc", "timezone"}),
)


def _is_of(node: exp.Expr, family: _Family, types: Mapping[str, str]) -> bool:
    """Tell whether an expression is known to be of one of some types."""
    node = unwrap(node)
    if is_id(node):
        return types.get(node.name) in family.bases
    match node:
        case exp.Cast():
            return node.to.this in family.targets
        case exp.Anonymous():
            return node.name.lower() in family.calls
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Div() | exp.Mod():
            return _is_of(node.left, family, types) and _is_of(node.right, family, types)
        case exp.Neg():
            return _is_of(node.this, family, types)
        case exp.Literal() | exp.Extract():
            return family is _NUMBER and not (isinstance(node, exp.Literal) and node.is_string)
        case _:
            return False
