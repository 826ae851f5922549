"""What is generated: tables, typed columns, definitions and the steps of a history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Kind(StrEnum):
    """The types of columns; literals come from few values, so that rows meet."""

    INTEGER = "integer"
    TEXT = "text"
    NUMERIC = "numeric"
    MONEY = "numeric(10,2)"
    FLOAT = "double precision"
    DATE = "date"
    TIMESTAMP = "timestamp"
    BOOLEAN = "boolean"


# Sums of these floats are exact, so that the order in which rows are added does not show.
LITERALS: dict[Kind, tuple[str, ...]] = {
    Kind.INTEGER: ("1", "2", "3", "0", "(-1)"),
    Kind.TEXT: ("'x'", "'y'", "'yz'", "''"),
    Kind.NUMERIC: ("1", "1.0", "1.00", "2.5", "(-3)"),
    Kind.MONEY: ("1.50", "2.00", "(-3.00)"),
    Kind.FLOAT: ("0.5", "'-0.0'", "2.25", "1e10"),
    Kind.DATE: ("'2024-01-01'", "'2024-01-08'", "'2024-02-29'"),
    Kind.TIMESTAMP: ("'2024-01-01 10:00'", "'2024-01-08 00:00'", "'2024-02-29 23:59:59'"),
    Kind.BOOLEAN: ("true", "false"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column that is in scope: how it is written, and its type."""

    sql: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """A source, or a dynamic table that another one reads."""

    name: str
    fields: tuple[Field, ...]
    keyed: bool = False
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Definition:
    """A dynamic table and the productions that its query is made of.

    ``settings``: those under which it was written, if its kind has any, as ``name=value``. ``columns``: the names that
    the statement gives them.
    """

    name: str
    query: str
    uses: frozenset[str]
    settings: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


ACTS = ("write", "late", "commit", "refresh", "default", "alter", "replace", "attempt", "explain")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: ``write``, ``late`` (by a transaction that stays open), ``commit`` (of that one) or ``refresh``.

    Special kinds have others: ``default`` (of a setting of the database), ``alter`` (settings of a definition),
    ``replace`` (what definitions call), ``attempt`` (what must be refused), ``explain`` (a table).
    """

    act: str
    sql: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A schema, the definitions over it, and a history."""

    schema: tuple[str, ...]
    definitions: tuple[Definition, ...]
    steps: tuple[Step, ...]

    def script(self) -> str:
        """Write the case as SQL in sections that ``read_script`` reads again."""
        parts = [f"-- schema\n{statement};" for statement in self.schema]
        for d in self.definitions:
            for word, lines in (("settings", d.settings), ("columns", d.columns)):
                parts += ["\n".join([f"-- {word}", *lines])] if lines else []
            parts.append(f"-- definition {d.name} {' '.join(sorted(d.uses))}\n{d.query}")
        parts += [f"-- {s.act}\n{s.sql}".rstrip() for s in self.steps]
        return "\n".join(parts) + "\n"


def read_script(text: str) -> Case:
    """Read a case from its script."""
    schema: list[str] = []
    definitions: list[Definition] = []
    steps: list[Step] = []
    lists: dict[str, tuple[str, ...]] = {}
    for part in ("\n" + text).split("\n-- ")[1:]:
        head, _, body = part.partition("\n")
        word, *rest = head.split()
        body = body.strip()
        if word == "schema":
            schema.append(body.rstrip(";"))
        elif word == "definition":
            definitions.append(Definition(rest[0], body, frozenset(rest[1:]), **lists))
            lists = {}
        elif word in ("settings", "columns"):
            lists[word] = tuple(body.splitlines())
        elif word in ACTS:
            steps.append(Step(word, body))
        else:
            raise ValueError(f'unknown section "{word}"')
    return Case(tuple(schema), tuple(definitions), tuple(steps))


class Pick:
    """Draws choices from hypothesis, which can make each of them smaller: the first choice is the simplest."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def one(self, choices: Sequence[T]) -> T:
        return self._draw(st.sampled_from(list(choices)))

    def number(self, least: int, most: int) -> int:
        return self._draw(st.integers(least, most))

    def chance(self, percent: int) -> bool:
        return self._draw(st.integers(0, 99)) >= 100 - percent

    def some(self, choices: Sequence[T], most: int) -> list[T]:
        """Return one or several of the choices, each at most once."""
        size = st.lists(st.sampled_from(list(choices)), min_size=1, max_size=most, unique=True)
        return self._draw(size)
