"""One row of the table of functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlglot import exp

from dyntables.errors import UnsupportedQueryError


class Kind(StrEnum):
    """Where a function may stand."""

    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it was written; ``over`` and ``order`` are translated already."""

    node: exp.Expr
    name: str
    args: list[exp.Expr]
    distinct: bool = False
    order: str = ""
    over: str = ""


class Writing(Protocol):
    """What a function's own writer may ask for."""

    def expression(self, node: exp.Expr) -> str:
        """Return an expression in PostgreSQL's SQL, closed in itself."""
        ...

    def refuse(self, node: exp.Expr, what: str, why: str, hint: str | None = None) -> UnsupportedQueryError:
        """Return the error that a construct is not carried over."""
        ...


Writer = Callable[[Writing, Call], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a function becomes: a template for each number of arguments, or a writer, or a refusal.

    In templates ``{0}`` is an argument, ``{all}`` are all of them, ``{sf}`` is the schema of our functions; in those of
    aggregates ``{distinct}``, ``{order}`` and ``{over}`` stand where these clauses go.
    """

    name: str
    templates: tuple[str, ...] = ()
    kind: Kind = Kind.SCALAR
    write: Writer | None = None
    shown: str = ""
    refused: str = ""
    hint: str | None = None
    note: str = ""

    def template(self, count: int) -> str | None:
        """Return the template for a number of arguments."""
        for template in self.templates:
            if "{all}" in template or arity(template) == count:
                return template
        return None


def arity(template: str) -> int:
    """Return how many arguments a template takes."""
    return max((int(n) + 1 for n in re.findall(r"\{(\d)\}", template)), default=0)


def scalar(name: str, *templates: str, note: str = "") -> Entry:
    """Return a scalar function's row."""
    return Entry(name, templates, note=note)


def aggregate(name: str, *templates: str, note: str = "") -> Entry:
    """Return an aggregate's row."""
    return Entry(name, templates, Kind.AGGREGATE, note=note)


def window(name: str, *templates: str, note: str = "") -> Entry:
    """Return a window function's row."""
    return Entry(name, templates, Kind.WINDOW, note=note)


def written(name: str, write: Writer, shown: str, note: str = "", kind: Kind = Kind.SCALAR) -> Entry:
    """Return the row of a function with a writer of its own; ``shown`` says what it becomes."""
    return Entry(name, kind=kind, write=write, shown=shown, note=note)


def refused(name: str, why: str, hint: str | None = None) -> Entry:
    """Return the row of a function that is not carried over."""
    return Entry(name, refused=why, hint=hint)


def aliases(entry: Entry, *names: str) -> tuple[Entry, ...]:
    """Return the row under its own name and others."""
    return tuple(
        Entry(n, entry.templates, entry.kind, entry.write, entry.shown, entry.refused, entry.hint, entry.note)
        for n in (entry.name, *names)
    )
