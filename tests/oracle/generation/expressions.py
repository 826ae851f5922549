"""Random expressions of a given type over the columns in scope; none of them can fail for any value."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.oracle.generation.model import LITERALS, Field, Kind, Pick


def literal(pick: Pick, kind: Kind) -> str:
    """Return a constant, now and then NULL."""
    return f"{'NULL' if pick.chance(8) else pick.one(LITERALS[kind])}::{kind}"


def column(pick: Pick, fields: Sequence[Field], kind: Kind) -> str:
    """Return a column of the type if there is one, else a constant."""
    same = [f for f in fields if f.kind is kind]
    return pick.one(same).sql if same else literal(pick, kind)


def expression(pick: Pick, fields: Sequence[Field], kind: Kind, depth: int = 1) -> str:
    """Return an expression of the type."""
    if depth == 0 or pick.chance(40):
        return column(pick, fields, kind)

    def same() -> str:
        return expression(pick, fields, kind, depth - 1)

    def other(of: Kind) -> str:
        return expression(pick, fields, of, depth - 1)

    form = pick.number(0, 5)
    if form == 0:
        return f"coalesce({same()}, {literal(pick, kind)})"
    if form == 1:
        return f"CASE WHEN {condition(pick, fields, 0)} THEN {same()} ELSE {same()} END"
    if form == 2:
        return f"nullif({same()}, {literal(pick, kind)})"
    return _typed(pick, kind, same, other, lambda: condition(pick, fields, depth - 1))


def _typed(
    pick: Pick, kind: Kind, same: Callable[[], str], other: Callable[[Kind], str], test: Callable[[], str]
) -> str:
    """Return an expression of a form that only this type has."""
    match kind:
        case Kind.INTEGER:
            whole, text = same(), other(Kind.TEXT)
            return pick.one((f"({whole} + 1)", f"(- {whole})", f"({whole} % 3)", f"length({text})", f"({whole} / 2)"))
        case Kind.TEXT:
            return pick.one((f"upper({same()})", f"({same()} || 'z')", f"({other(Kind.INTEGER)})::text"))
        case Kind.NUMERIC:
            return pick.one((f"({same()} + 1.5)", f"({other(Kind.MONEY)})::numeric", f"({other(Kind.INTEGER)} * 0.5)"))
        case Kind.FLOAT:
            return pick.one((f"({same()} + 0.5)", f"({other(Kind.INTEGER)})::float8"))
        case Kind.DATE:
            return pick.one((f"({same()} + 7)", f"least({same()}, {literal(pick, kind)})"))
        case Kind.TIMESTAMP:
            return pick.one((f"date_trunc('week', {same()})", f"({other(Kind.DATE)})::timestamp"))
        case Kind.BOOLEAN:
            return test()
        case Kind.MONEY:
            return f"greatest({same()}, {literal(pick, kind)})"


def condition(pick: Pick, fields: Sequence[Field], depth: int = 1) -> str:
    """Return a condition over the columns."""
    if depth > 0 and pick.chance(30):
        left, right = condition(pick, fields, depth - 1), condition(pick, fields, depth - 1)
        return pick.one((f"({left} AND {right})", f"({left} OR {right})", f"(NOT {left})"))
    chosen = pick.one(fields)
    operand = expression(pick, fields, chosen.kind, depth)
    return pick.one(
        (
            f"({chosen.sql} = {operand})",
            f"({chosen.sql} < {operand})",
            f"({chosen.sql} >= {literal(pick, chosen.kind)})",
            f"({chosen.sql} IS NULL)",
            f"({chosen.sql} IS DISTINCT FROM {operand})",
            f"({chosen.sql} IN ({literal(pick, chosen.kind)}, {literal(pick, chosen.kind)}))",
            f"({chosen.sql} IS NOT NULL)",
        )
    )


def matching(pick: Pick, left: Sequence[Field], right: Sequence[Field]) -> str:
    """Return an equality between a column of each side."""
    pairs = [(a, b) for a in left for b in right if a.kind is b.kind]
    if not pairs:
        return f"{left[0].sql} IS NOT NULL AND {right[0].sql} IS NOT NULL"
    a, b = pick.one(pairs)
    return f"{a.sql} = {b.sql}"
