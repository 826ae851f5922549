"""The distinct values of the outer columns that a correlated subquery reads.

A type without an equality, as json or box, or of which equal values differ, as citext or numeric, takes part as text:
what it prints identifies a value, and gives it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dyntables.compiler.plan.algebra.nodes import Aggregate, Column, Plan, Scalar, SqlType, extend, free_ids

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder

_TEXT = SqlType("text")


@dataclass(frozen=True, slots=True)
class OuterValues:
    """The values, one row for each set of them.

    ``keys`` identify a row: the outer columns, or the images of those whose equality does not. ``images``: the latter
    as an expression over the outer row, by id. ``restored``: these outer columns, each from its image.
    """

    plan: Plan
    keys: tuple[Column, ...]
    images: dict[str, Scalar]
    restored: tuple[tuple[Column, Scalar], ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the values."""
        return (*self.keys, *(c for c, _ in self.restored))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys."""
        return tuple(c.id for c in self.keys)

    def restore(self, plan: Plan) -> Plan:
        """Return a plan that has the keys with the outer columns that it has lost."""
        own = {c.id for c in plan.columns}
        lost = [(c, e) for c, e in self.restored if c.id not in own]
        return extend(plan, tuple(c for c, _ in lost), tuple(e for _, e in lost)) if lost else plan


def outer_values(binder: Binder, plan: Plan, outer: Plan) -> OuterValues:
    """Return the distinct values of the columns of ``outer`` that a plan reads."""
    read = free_ids(plan)
    columns = tuple(c for c in outer.columns if c.id in read)
    kept = tuple(c for c in columns if _is_identity(c))
    odd = tuple(c for c in columns if not _is_identity(c))
    if not odd:
        return OuterValues(Aggregate(outer, tuple(c.id for c in kept), ()), kept, {}, ())
    images = tuple(Column(binder.ids.fresh("image"), _TEXT, nullable=False) for _ in odd)
    printed = tuple(_printed(c) for c in odd)
    keys = (*kept, *images)
    distinct = Aggregate(extend(outer, images, printed), tuple(c.id for c in keys), ())
    restored = tuple((c, _read(c, image)) for c, image in zip(odd, images, strict=True))
    values = OuterValues(distinct, keys, {i.id: p for i, p in zip(images, printed, strict=True)}, restored)
    return OuterValues(values.restore(distinct), keys, values.images, restored)


def _is_identity(column: Column) -> bool:
    """Tell whether values of a type that are equal are the same."""
    return column.type.groupable and column.type.image_equal


def _printed(column: Column) -> Scalar:
    # Of a value within an array is printed what its type prints; a cast to text may be the user's own.
    image = f"COALESCE('=' || {column.id}::text, '')" if column.type.array else f"ARRAY[{column.id}]::text"
    return Scalar(f'{image} COLLATE "C"', frozenset({column.id}))


def _read(column: Column, image: Column) -> Scalar:
    type_ = column.type.without_checks.name
    text = f"({image.id}::{type_}[])[1]"
    if column.type.array:
        text = f"CASE WHEN {image.id} <> '' THEN substr({image.id}, 2)::{type_} END"
    return Scalar(text, frozenset({image.id}))
