"""A name of an object, as a statement has it."""

from __future__ import annotations

from dataclasses import dataclass

from dyntables.compiler.names import quote_qualified


@dataclass(frozen=True, slots=True)
class QualifiedName:
    """A name of one to three parts, already folded as PostgreSQL folds names."""

    parts: tuple[str, ...]

    def sql(self) -> str:
        """Return the name with every part quoted."""
        return quote_qualified(*self.parts)

    def __str__(self) -> str:
        return ".".join(self.parts)
