"""What the server knows about the tables that a plan reads and keeps: given to the explanation, which does no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SMALL = 10_000
FEW_VALUES = 100


@dataclass(frozen=True, slots=True)
class Index:
    """A whole index that can find rows by equality; ``keys`` are column names or expressions, in order."""

    name: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A source: estimated rows, indexes, and the number of distinct values of columns where it is known."""

    rows: int | None
    indexes: tuple[Index, ...] = ()
    distinct: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StorageFacts:
    """The storage of a stage that exists."""

    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Sources by OID, storage by qualified name."""

    tables: Mapping[int, TableFacts] = field(default_factory=dict)
    storages: Mapping[str, StorageFacts] = field(default_factory=dict)
