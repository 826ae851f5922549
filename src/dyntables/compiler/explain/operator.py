"""What the explanation and the lineage must know of one kind of plan node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dyntables.compiler.explain.names import Names
from dyntables.compiler.plan.algebra.nodes import Plan, Scalar


class Class(StrEnum):
    """How the delta of a node is got."""

    SOURCE = "source"
    LINEAR = "linear"
    BILINEAR = "bilinear"
    MERGED = "merged"
    TOUCHED_KEYS = "touched keys"
    DIFF = "diff"


LEGEND: dict[Class, str] = {
    Class.SOURCE: "changes are captured as they are written, and read from a log",
    Class.LINEAR: "applied to the changed rows alone; the rest is not read",
    Class.BILINEAR: "changed rows of one side meet the present rows of the other, looked up by key",
    Class.MERGED: "changes are added to what is stored for each group",
    Class.TOUCHED_KEYS: "what a change touches is computed again from the source, by key; the rest stays",
    Class.DIFF: "everything is computed again, and only the difference is written",
}


@dataclass(frozen=True, slots=True)
class Law:
    """The class of one node, and its law in a sentence."""

    kind: Class
    text: str


class How(StrEnum):
    """How a source column gets into an output; a later one outweighs an earlier one on the same way."""

    PASS_THROUGH = "PASS_THROUGH"
    EXPRESSION = "EXPRESSION"
    GROUP_KEY = "GROUP_KEY"
    AGGREGATE = "AGGREGATE"
    WINDOW = "WINDOW"
    FILTER = "FILTER"
    JOIN = "JOIN"


@dataclass(frozen=True, slots=True)
class Defined:
    """An output column that the node itself computes, or marks; ``sql`` is over the input's ids."""

    column: str
    how: How
    sql: Scalar


@dataclass(frozen=True, slots=True)
class Influence:
    """Columns that decide which rows there are."""

    how: How
    refs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Want:
    """A look-up by key that a refresh makes: expressions over ``plan``, and when it is made."""

    plan: Plan
    keys: tuple[Scalar, ...]
    when: str


def _nothing(_node: Any) -> tuple[Any, ...]:
    return ()


def _no_detail(_node: Any, _names: Names) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Operator:
    """All that is said of one kind of node.

    ``label`` names a node in a few words, ``detail`` lists what it computes. ``stateful`` nodes keep their output in
    storage of their own. Columns that ``defines`` leaves out come from the input that has a column of that id.
    """

    node: type[Any]
    law: Callable[[Any], Law]
    label: Callable[[Any, Names], str]
    detail: Callable[[Any, Names], tuple[str, ...]] = _no_detail
    defines: Callable[[Any], tuple[Defined, ...]] = _nothing
    influences: Callable[[Any], tuple[Influence, ...]] = _nothing
    wants: Callable[[Any], tuple[Want, ...]] = _nothing
    stateful: bool = False
