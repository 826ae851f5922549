"""What a value prints: two values are the same if they print the same, be they equal or not."""

from __future__ import annotations

from dyntables.compiler.plan.algebra.nodes import SqlType


def image(name: str, type_: SqlType) -> str:
    """Return what the value of a column prints; texts may be equal under their own collation and differ."""
    # A cast to text takes the blanks from the end of bpchar, and of domains over it; what one of the user's own leaves
    # out is not known.
    blanks = not type_.array and (type_.base == "bpchar" or "." in type_.name)
    return f'{f"ROW({name})" if blanks else name}::text COLLATE "C"'
