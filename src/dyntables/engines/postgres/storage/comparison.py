"""Contents against a query, by EXCEPT ALL both ways."""

from __future__ import annotations

from collections.abc import Sequence

from dyntables.compiler.names import quote_qualified
from dyntables.compiler.plan.algebra.nodes import Column, SqlType
from dyntables.engines.postgres.rights.hands import Hands


def compare_rows(hands: Hands, query: str, shown: str, columns: Sequence[Column]) -> tuple[int, int]:
    """Return how many rows of a query are missing in a FROM item, and how many it has too many."""
    items = ", ".join(quote_qualified(c.id) + ("" if _compared(c.type) else "::text") for c in columns) or "1"
    definition, contents = f"SELECT {items} FROM ({query}) d", f"SELECT {items} FROM {shown} v"
    missing, extra = hands.row(
        f"SELECT (SELECT count(*) FROM ({definition} EXCEPT ALL {contents}) m), "
        f"(SELECT count(*) FROM ({contents} EXCEPT ALL {definition}) e)"
    )
    return missing, extra


def _compared(type_: SqlType) -> bool:
    """Tell whether values are compared as they are: some types can only be hashed, and EXCEPT does one for all."""
    return type_.groupable and (type_.hashable or not type_.image_equal)
