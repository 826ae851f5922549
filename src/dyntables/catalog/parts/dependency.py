"""What a dynamic table reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DependencyKind(StrEnum):
    """What a relation that is read is."""

    TABLE = "TABLE"
    DYNAMIC_TABLE = "DYNAMIC_TABLE"
    VIEW = "VIEW"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Dependency:
    """One relation that a dynamic table reads; ``upstream`` is the id if it is a dynamic table."""

    relation: int
    kind: DependencyKind
    upstream: int | None
    columns: tuple[str, ...]
