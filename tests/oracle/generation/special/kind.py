"""What a kind of special cases is: how they are drawn, and how one of them is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis.strategies import SearchStrategy

from tests.oracle.generation.laboratory import Laboratory
from tests.oracle.generation.model import Case

Check = Callable[[Case], None]


@dataclass(frozen=True, slots=True)
class SpecialKind:
    """A kind of cases.

    ``name``: also a word of the first definition of each case, by which a saved one is checked again. ``cases``: draws
    them; what there is to draw may depend on the server. ``check``: makes the check. ``effort``: how many ordinary
    cases one of them takes the time of.
    """

    name: str
    cases: Callable[[Laboratory], SearchStrategy[Case]]
    check: Callable[[Laboratory], Check]
    effort: int = 1
