"""What a kind of rule is: its arguments, and the SQL by which rows pass or fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Dimension(StrEnum):
    """What about the data a rule is about."""

    COMPLETENESS = "completeness"
    UNIQUENESS = "uniqueness"
    VALIDITY = "validity"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    VOLUME = "volume"
    SCHEMA = "schema"


class Sort(StrEnum):
    """What an argument is, and so how it is read and written."""

    COLUMN = "a column of the table"
    EXPRESSION = "an expression over columns of the table"
    PREDICATE = "a predicate over columns of the table"
    LITERAL = "a number or a text in quotes"
    WORD = "one of the words of the kind"
    RELATION = "a table or view"
    NAME = "a column of the other table"
    QUERY = "a query in quotes"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A place for an argument; ``many``: all arguments from here on, at least ``least`` of them.

    ``words``: what a WORD may be.
    """

    name: str
    sort: Sort
    many: bool = False
    least: int = 1
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """Arguments as SQL, by the names of their parameters; a WORD and a QUERY are as they were said."""

    texts: Mapping[str, tuple[str, ...]]

    def __getitem__(self, name: str) -> str:
        return self.texts[name][0]

    def all(self, name: str) -> tuple[str, ...]:
        """Return the texts of a parameter that takes many."""
        return self.texts.get(name, ())


@dataclass(frozen=True, slots=True)
class Watched:
    """The rows that a query measures, a FROM item without a name; and ``schema`` and ``name`` of the table itself."""

    rows: str
    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class Counted:
    """The queries of a rule that is not about one row at a time.

    ``measure`` gives one row: how much was checked, and how much of it failed. ``examples`` gives what fails.
    """

    measure: str
    examples: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A sum over rows: of 1 for each row for which a condition is true, of each row if there is none."""

    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """A measure that follows from sums over rows, so that the rows that come and go say how it changes.

    ``checked`` and ``failed`` return SQL of how much was checked and how much of it failed, from the sums in turn.
    ``compares``: after these they get the sums of the contents before, NULL if nobody knows them.
    """

    terms: tuple[Term, ...]
    checked: Callable[[Sequence[str]], str]
    failed: Callable[[Sequence[str]], str]
    compares: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rule: one of ``predicate``, by which a row fails if it is FALSE, ``sums``, and ``counted``.

    ``says``: what has to be so, in one line. ``scans``: why one that is ``counted`` looks at the whole table each time.
    ``dynamic``: it is about dynamic tables alone. ``elsewhere``: it looks at more than the rows that it is given.
    """

    name: str
    dimension: Dimension
    parameters: tuple[Parameter, ...]
    says: str
    predicate: Callable[[Given], str] | None = None
    sums: Callable[[Given], Sums] | None = None
    counted: Callable[[Given, Watched], Counted] | None = None
    scans: str | None = None
    dynamic: bool = False
    elsewhere: bool = False

    @property
    def signature(self) -> str:
        """How a rule of this kind is written."""
        return f"{self.name}({', '.join(f'{p.name}, …' if p.many else p.name for p in self.parameters)})"
