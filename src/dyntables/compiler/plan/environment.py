"""What the binder may ask of the server, as plain data. The engine implements it; the compiler does no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dyntables.compiler.plan.algebra.nodes import SqlType
from dyntables.compiler.reasons import Reason


@dataclass(frozen=True, slots=True)
class Function:
    """A function that a definition calls, from ``pg_proc``: kind is f, a (aggregate), w (window) or p.

    ``may_read``: it is one of the user's, stable, and its body looks as if it read tables, whose changes nobody sees.
    ``steady``: under the settings of the definition it gives the same for the same arguments.
    """

    schema: str
    name: str
    kind: str
    volatility: str
    returns_set: bool
    language: str
    may_read: bool = False
    steady: bool = True


@dataclass(frozen=True, slots=True)
class Resolved:
    """The operators, functions and collations of a stored query, by kind and OID, with the number of their uses.

    ``operators``: those that are not the server's own, as they are written under an empty path. ``coerced``: types that
    are not the server's own, and what the server took their values for, unasked. ``odd``: whether an operator named
    ``=`` is no equality by which a type can be grouped, as that of boxes, which compares areas.
    """

    objects: Mapping[str, int]
    operators: Mapping[str, str]
    coerced: frozenset[tuple[int, int]]
    odd: bool = False

    @property
    def equals(self) -> tuple[str, ...]:
        """The operators named ``=`` that are not the server's own."""
        return tuple(sorted(o for o in self.operators.values() if o.endswith(".=)")))

    def means(self, other: Resolved) -> bool:
        """Tell whether a text means the same as another that it was made of by repeating some operands."""
        return self.objects.keys() == other.objects.keys() and all(
            count >= other.objects[key] for key, count in self.objects.items()
        )


@dataclass(frozen=True, slots=True)
class ViewText:
    """A query as the server itself writes it, under an empty search_path.

    ``clock`` and ``session`` are what it reads the time by, other than ``now()`` and its spellings, and the session.
    ``resolved`` is what the server found under its names.
    """

    sql: str
    columns: tuple[tuple[str, SqlType], ...]
    functions: frozenset[Function]
    clock: frozenset[str]
    session: frozenset[str]
    resolved: Resolved


class RelationKind(StrEnum):
    """What a name in FROM stands for."""

    TABLE = "TABLE"
    VIEW = "VIEW"
    DYNAMIC_TABLE = "DYNAMIC_TABLE"
    MATERIALIZED_VIEW = "MATERIALIZED_VIEW"
    FOREIGN_TABLE = "FOREIGN_TABLE"
    SYSTEM_TABLE = "SYSTEM_TABLE"


@dataclass(frozen=True, slots=True)
class RelationInfo:
    """A relation of the catalog; ``columns`` are (name, type, nullable) in order.

    ``unique_columns`` are those that are by themselves a key, ``obstacle`` is why its changes cannot be captured.
    """

    oid: int
    schema: str
    name: str
    kind: RelationKind
    columns: tuple[tuple[str, SqlType, bool], ...]
    view: ViewText | None = None
    unique_columns: frozenset[str] = frozenset()
    obstacle: Reason | None = None


class Environment(Protocol):
    """The server's opinions."""

    def relation(self, schema: str, name: str) -> RelationInfo:
        """Return the relation of that name."""
        ...

    def describe(self, sql: str) -> tuple[SqlType, ...]:
        """Return the types of the columns of a query made of the user's, without running it.

        Raises:
            NotIncremental: the server refuses it.
        """
        ...

    def canonical(self, sql: str) -> str:
        """Return a query as the server writes it."""
        ...
