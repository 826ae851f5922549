"""All that EXPLAIN DYNAMIC TABLE says, as values; text and JSON are two forms of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dyntables.compiler.delta.context import Change
from dyntables.compiler.depth import deep
from dyntables.compiler.explain.facts import Facts
from dyntables.compiler.explain.lookups import Lookup
from dyntables.compiler.explain.operator import Class
from dyntables.compiler.explain.place import Place
from dyntables.compiler.explain.tree import Node, State, explain, missing, states
from dyntables.compiler.names import quote
from dyntables.compiler.program import Compiled, refresh_program


@dataclass(frozen=True, slots=True)
class Because:
    """One reason for a full refresh."""

    reason: str
    detail: str
    hint: str | None
    place: Place | None


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A relation that is read, the columns that are, and its estimated rows."""

    schema: str
    name: str
    kind: str
    columns: tuple[str, ...]
    rows: int | None


@dataclass(frozen=True, slots=True)
class ShownStatement:
    """One statement of a refresh."""

    stage: int
    purpose: str
    label: str
    sql: str
    guard: str | None


@dataclass(frozen=True, slots=True)
class MeasuredStatement:
    """What one statement took."""

    purpose: str
    label: str
    rows: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class MeasuredStage:
    """What the statements of one stage took."""

    number: int
    statements: tuple[MeasuredStatement, ...]

    @property
    def rows(self) -> int:
        """The rows written to its storage."""
        return sum(s.rows for s in self.statements if s.purpose in ("INSERT", "UPDATE", "DELETE"))

    @property
    def milliseconds(self) -> float:
        """The time that all its statements took."""
        return sum(s.milliseconds for s in self.statements)


@dataclass(frozen=True, slots=True)
class Measured:
    """A refresh that was run for the explanation."""

    action: str
    reason: str
    milliseconds: float
    inserted: int
    deleted: int
    changes: Mapping[str, int]
    stages: tuple[MeasuredStage, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one dynamic table is kept fresh; ``tree`` is None where it is refreshed in full.

    ``frozen``: the predicate of the rows that are not, as it was written.
    """

    name: str
    mode: str
    requested_mode: str
    reasons: tuple[Because, ...]
    sources: tuple[SourceRead, ...]
    tree: Node | None = None
    stages: tuple[State, ...] = ()
    statements: tuple[ShownStatement, ...] = ()
    measured: Measured | None = None
    frozen: str | None = None

    @property
    @deep(5)
    def missing(self) -> tuple[Lookup, ...]:
        """The look-ups that want an index."""
        return missing(self.tree) if self.tree is not None else ()

    @property
    def classes(self) -> list[Class]:
        """The classes that occur, in the order of the legend."""
        found = set(_classes(self.tree)) if self.tree is not None else set()
        return [c for c in Class if c in found]


def explained(compiled: Compiled, facts: Facts) -> tuple[Node, tuple[State, ...]]:
    """Return the tree and the stages of a definition."""
    return explain(compiled, facts), states(compiled, facts)


def statements(compiled: Compiled) -> tuple[ShownStatement, ...]:
    """Return the statements of a refresh in which every source changed."""
    changed = {source.oid: Change(quote(f"d_{source.name}")) for source in compiled.sources}
    program = refresh_program(compiled, changed, "dt", logged=compiled.outputs)
    return tuple(
        ShownStatement(program.stage(number), str(s.purpose), s.label, s.sql, s.guard)
        for number, s in enumerate(program.statements)
    )


def _classes(node: Node) -> Iterator[Class]:
    if not node.hidden:
        yield node.law.kind
    for child in node.children:
        yield from _classes(child)
