"""How columns may change without losing what is stored; pure.

A column may go. New ones come at the end; they are NULL until the table is computed. If as many columns as before are
left and only the last ones have other names, of the same types, these are renamed. Everything else is another table.
"""

from __future__ import annotations

from dataclasses import dataclass

from dyntables.errors import InvalidOptionError

Columns = tuple[tuple[str, str], ...]
_HINT = "Use CREATE OR REPLACE DYNAMIC TABLE, which computes the table anew, and those above it."


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """Columns as (name, type): those that stay, in order, then those added; ``renamed`` as (old, new)."""

    kept: Columns
    dropped: Columns = ()
    added: Columns = ()
    renamed: tuple[tuple[str, str], ...] = ()

    @property
    def changes(self) -> bool:
        """Whether anything is different."""
        return bool(self.dropped or self.added or self.renamed)

    @property
    def after(self) -> Columns:
        """All columns of the table then."""
        names = dict(self.renamed)
        return tuple((names.get(name, name), type_) for name, type_ in self.kept) + self.added


def plan_columns(before: Columns, after: Columns) -> ColumnPlan:
    """Return what becomes of each column.

    Raises:
        InvalidOptionError: a column would change its type or its place.
    """
    had, has = dict(before), dict(after)
    for name, type_ in after:
        if name in had and had[name] != type_:
            raise InvalidOptionError(
                f'column "{name}" cannot change its type from {had[name]} to {type_}',
                hint=f"Add it under another name, at the end. Or: {_HINT}",
            )
    new = [column for column in after if column[0] not in had]
    if tuple(new) != after[len(after) - len(new) :]:
        raise InvalidOptionError(f'column "{new[0][0]}" can only be added at the end', hint=_HINT)
    kept = tuple(column for column in before if column[0] in has)
    if kept != after[: len(after) - len(new)]:
        raise InvalidOptionError("columns cannot change their order", hint=_HINT)
    gone = tuple(column for column in before if column[0] not in has)
    if new and [t for _, t in new] == [t for _, t in gone] and gone == before[len(before) - len(gone) :]:
        return ColumnPlan(before, renamed=tuple((old[0], fresh[0]) for old, fresh in zip(gone, new, strict=True)))
    return ColumnPlan(kept, gone, tuple(new))
