"""What can be kept as files: a kind says what there is of it, how it is written, and what a file would change.

A kind is one class and its line in ``kinds``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dyntables.client import Client


class Effect(StrEnum):
    """What applying a folder would do to one object."""

    NONE = "as it is"
    CREATE = "created"
    ALTER = "altered"
    EXTRA = "only in the database"


@dataclass(frozen=True, slots=True)
class Difference:
    """One object of the database or the folder: what would happen to it, and each change as a line."""

    kind: str
    name: str
    effect: Effect
    changes: tuple[str, ...] = ()


class Kind(Protocol):
    """Objects of one kind, each of which one statement makes.

    ``folder``: below the folder of the project. Names are as people write them, such as ``schema.name``.
    """

    folder: str

    def present(self, client: Client) -> list[str]:
        """Return the names of all that are in the database."""

    def text(self, client: Client, name: str) -> str:
        """Return the statement that makes one of them as it is."""

    def name(self, text: str) -> str:
        """Return the name of what a statement makes.

        Raises:
            DyntablesError: it is not one statement of this kind.
        """

    def changes(self, client: Client, text: str) -> tuple[str, ...]:
        """Return what a statement would change of an object that is there; empty if nothing."""

    def apply(self, client: Client, text: str) -> None:
        """Bring an object to what the statement says, or make it."""

    def drop(self, client: Client, name: str) -> None:
        """Drop one of them."""
