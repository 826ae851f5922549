"""The frozen region of a dynamic table, as the catalog keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from dyntables.compiler.frozen import condition
from dyntables.compiler.names import FROZEN, quote_qualified


@dataclass(frozen=True, slots=True)
class Region:
    """A predicate over the visible columns; rows for which it is true are kept as they are.

    ``where``: as it was written. ``predicate``: as the server writes it. ``active``, ``floor``: the condition of the
    other rows (see ``compiler.frozen``). ``boundaries``: expressions of the clock. ``backfill``: the name of the table
    that has the rows of the region at the first refresh, if they do not come from the definition.
    """

    where: str
    predicate: str
    active: str
    floor: str
    boundaries: list[str] = field(default_factory=list)
    backfill: list[str] | None = None

    def document(self) -> dict[str, Any]:
        """Return it as the catalog stores it."""
        return asdict(self)

    def maintained(self, query: str, start: Sequence[str]) -> str:
        """Return the query of the rows outside; ``start``: constants that the boundaries have passed, if known."""
        conditions = [self.active]
        if self.boundaries and start:
            conditions.insert(0, condition(self.floor, start))
        return f"SELECT * FROM ({query}) {FROZEN} WHERE {' AND '.join(conditions)}"

    def inside(self, query: str) -> str:
        """Return the query of the rows of another query that are in the region."""
        return f"SELECT * FROM ({query}) {FROZEN} WHERE {self.predicate}"

    def first_rows(self, query: str, columns: Sequence[str]) -> str:
        """Return the query of the rows of the region at the first refresh."""
        if self.backfill is None:
            return self.inside(query)
        items = ", ".join(quote_qualified(c) for c in columns)
        return self.inside(f"SELECT {items} FROM {quote_qualified(*self.backfill)}")
