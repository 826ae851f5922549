"""How much one definition may make the planner do.

WITH queries and views are planned once for each place that reads them, so a short text can stand for an endless one:
each that reads the one before it twice doubles it.
"""

from __future__ import annotations

from dataclasses import dataclass

from dyntables.compiler.reasons import NotIncremental, Reason

# What takes some seconds of one processor.
_PARTS = 1500
_CHARACTERS = 100_000

# How many relations beside each other take as long.
SUBQUERY = 5
WINDOW = 12


@dataclass(slots=True)
class Budget:
    """Counts what is planned for one definition, and refuses more than it may be, before it is planned."""

    parts: int = 0
    characters: int = 0

    def spend(self, parts: int) -> None:
        """Count parts of a query; a relation is one.

        Raises:
            NotIncremental: TOO_LARGE.
        """
        self.parts += parts
        if self.parts > _PARTS:
            raise NotIncremental(
                Reason.TOO_LARGE,
                f"with each WITH query and view written out wherever it is read, it has more than {_PARTS:,} parts: "
                f"one for each relation, {SUBQUERY} for a subquery, {WINDOW} for a window function",
            )

    def read(self, text: str) -> None:
        """Count the text of a query.

        Raises:
            NotIncremental: TOO_LARGE.
        """
        self.characters += len(text)
        if self.characters > _CHARACTERS:
            raise NotIncremental(
                Reason.TOO_LARGE, f"with the views that it reads, it has more than {_CHARACTERS:,} characters"
            )
