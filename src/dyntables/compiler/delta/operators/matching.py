"""Which rows of one side of a join have a match in the other, and whose answer a change of that other side turns.

A row l turns when [n_new(l) > 0] ≠ [n_old(l) > 0], where n counts its matches, n_new over the new contents and
n_old = n_new − (weight of its matches in the delta). Only the old rows that match the delta can turn: L_old = L − dL.
Counting holds for any condition, duplicates and NULLs included.
"""

from __future__ import annotations

from dyntables.compiler.delta.context import WEIGHT_COLUMN, Context
from dyntables.compiler.names import WEIGHT, quote
from dyntables.compiler.plan.algebra.nodes import Column, Plan, Project, Relation, Scalar, SqlType, ref
from dyntables.compiler.plan.algebra.render import conjunction, from_item, ids
from dyntables.compiler.plan.binding.joins.inner_joins import LeadKey, lead_rows
from dyntables.compiler.plan.binding.values.equalities import equality

RIGHT_WEIGHT = "__dt_weight_r"
ROW = "__dt_row"
TURN = "__dt_turn"
_TURN_COLUMN = Column(TURN, SqlType("integer"), nullable=False)


def unmatched(delta: Relation, other: Plan, on: tuple[Scalar, ...], context: Context) -> Relation:
    """Store the rows of a delta that have no match among the new rows of the other side."""
    sql = (
        f"SELECT {ids(delta)} FROM {from_item(delta, 'k')} "
        f"WHERE NOT EXISTS (SELECT 1 FROM {from_item(other, 'o')} WHERE {conjunction(on)})"
    )
    return context.temporary(sql, delta.columns, "changed rows without a match")


def turned_rows(
    on: tuple[Scalar, ...], kept: Plan, other: Plan, d_kept: Relation | None, d_other: Relation, context: Context
) -> Relation:
    """Store the old rows of ``kept`` that won (turn 1) or lost (turn −1) their match, with their weight."""
    touched = _touched(on, kept, d_kept, d_other, context)
    columns = (*kept.columns, WEIGHT_COLUMN, _TURN_COLUMN)
    sql = _turned(on, touched, kept, other, d_other)
    return context.temporary(sql, columns, "rows that won or lost their match")


def rename_weight(delta: Plan, name: str = RIGHT_WEIGHT) -> Plan:
    """Return a delta whose weight does not clash with that of the other side."""
    own = tuple(c for c in delta.columns if c.id != WEIGHT)
    weight = Column(name, WEIGHT_COLUMN.type, nullable=False)
    return Project(delta, (*own, weight), (*(ref(c.id) for c in own), ref(WEIGHT)))


def _touched(
    on: tuple[Scalar, ...], kept: Plan, d_kept: Relation | None, d_other: Relation, context: Context
) -> Relation:
    """Store the old rows of ``kept`` that match a change of the other side, one by one, with their weight."""
    columns = ", ".join(quote(c.id) for c in kept.columns)
    old = f"SELECT {columns}, 1 AS {WEIGHT} FROM {_matching(on, kept, d_other)}"
    if d_kept is not None:
        old += f" UNION ALL SELECT {columns}, - {WEIGHT} FROM {_matching(on, d_kept, d_other)}"
    sql = f"SELECT row_number() OVER () AS {ROW}, {columns}, {WEIGHT} FROM ({old}) u"
    row = Column(ROW, SqlType("bigint"), nullable=False)
    return context.temporary(sql, (row, *kept.columns, WEIGHT_COLUMN), "rows that a change of the other side matches")


def _matching(on: tuple[Scalar, ...], rows: Plan, d_other: Relation) -> str:
    """Return the rows that match a change of the other side, as what follows FROM.

    Where the condition has equalities, the distinct values of the changes lead, so that rows are found by an index.
    """
    changed = rename_weight(d_other)
    matches = f"EXISTS (SELECT 1 FROM {from_item(changed, 'o')} WHERE {conjunction(on)})"
    ids_of_rows = {c.id for c in rows.columns}
    pairs = [(p, equality(p, ids_of_rows)) for p in on]
    equal = [pair for _, pair in pairs if pair is not None and pair.there.refs]
    if not equal:
        return f"{from_item(rows, 'k')} WHERE {matches}"
    names = [f"__dt_v{n}" for n in range(len(equal))]
    values = ", ".join(f"{pair.there.sql} AS {name}" for name, pair in zip(names, equal, strict=True))
    leading = Relation(f"(SELECT DISTINCT {values} FROM {from_item(changed, 'o')})", tuple(_unknown(n) for n in names))
    keys = tuple(LeadKey(pair.here, name, pair.operator) for name, pair in zip(names, equal, strict=True))
    found = lead_rows(leading, keys, rows)
    item = from_item(found, "k")
    return item if len(equal) == len(on) else f"{item} WHERE {matches}"


def _unknown(name: str) -> Column:
    return Column(name, SqlType("unknown"))


def _turned(on: tuple[Scalar, ...], touched: Relation, kept: Plan, other: Plan, d_other: Relation) -> str:
    columns = ", ".join(quote(c.id) for c in kept.columns)
    changed, condition = from_item(rename_weight(d_other), "o"), conjunction(on)
    return (
        f"SELECT {columns}, {WEIGHT}, {TURN} FROM ("
        f"SELECT t.*, (coalesce(n.n, 0) > 0)::integer - (coalesce(n.n, 0) - d.n > 0)::integer AS {TURN} "
        f"FROM {from_item(touched, 't')} "
        f"JOIN (SELECT {ROW}, sum({RIGHT_WEIGHT}) AS n FROM {from_item(touched, 'k')} "
        f"JOIN {changed} ON {condition} GROUP BY {ROW}) d USING ({ROW}) "
        f"LEFT JOIN (SELECT {ROW}, count(*) AS n FROM {from_item(touched, 'k')} "
        f"JOIN {from_item(other, 'o')} ON {condition} GROUP BY {ROW}) n USING ({ROW})) x WHERE {TURN} <> 0"
    )
