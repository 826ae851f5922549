"""A scenario as a value: what a learner reads, what is done, and what must hold after it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Parameter(StrEnum):
    """What a learner may put in place of a default, and how it is written in SQL."""

    RELATION = "relation"
    COLUMN = "column"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Setting:
    """A ``${name}`` of the statements: its kind, what stands there if nothing is given, and what it is for."""

    name: str
    kind: Parameter
    default: str
    says: str


@dataclass(frozen=True, slots=True)
class Run:
    """SQL through the one door.

    ``session``: whose; each name is a connection of its own that lasts for the step. ``background``: the next deed does
    not wait for it. ``fails``: a pattern of what its error must say; None if it must succeed.
    """

    sql: str
    session: str = "learner"
    background: bool = False
    fails: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """New orders in one transaction; ``every_kind``: with as many updates, corrections, cancellations and moves."""

    orders: int
    every_kind: bool = False


@dataclass(frozen=True, slots=True)
class Live:
    """A stream of changes at a rate (orders a second) for some seconds, while the tables are scheduled."""

    rate: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Until:
    """Wait until a query returns true, at most some seconds; ``scheduled``: while the tables are scheduled."""

    query: str
    seconds: float
    scheduled: bool = False


@dataclass(frozen=True, slots=True)
class Faults:
    """Give a share of the rows a recorded fault."""

    share: float


Deed = Run | Batch | Live | Until | Faults


@dataclass(frozen=True, slots=True)
class Holds:
    """A query whose one row begins with true if the check holds; its further columns are the facts that show why."""

    query: str
    hint: str


@dataclass(frozen=True, slots=True)
class Acted:
    """The last refresh of a table that had something to do took this action, for this reason (empty: for any)."""

    table: str
    action: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Equal:
    """A table equals its definition, by VERIFY; or it does not, where a step has damaged it."""

    table: str
    equal: bool
    hint: str


@dataclass(frozen=True, slots=True)
class Says:
    """What a statement prints, such as EXPLAIN, has a text in it; or has not."""

    statement: str
    text: str
    present: bool
    hint: str


Check = Holds | Acted | Equal | Says


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do.

    Attributes:
        id: unique in its scenario; progress is kept by it.
        text: what the learner reads, in Markdown.
        look: the page of the web app to have open, as its path.
        deeds: what "do it for me" does; empty if there is only something to see.
        checks: what must hold then.
        shows: a query whose rows are shown; empty for none.
        needs: the features that this version or server must have (``features``).
    """

    id: str
    title: str
    text: str
    look: str
    deeds: tuple[Deed, ...]
    checks: tuple[Check, ...]
    shows: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A lesson in steps; ``tpch``: the tables of TPC-H that it begins with; ``setup``: SQL that comes after them."""

    id: str
    title: str
    minutes: int
    learns: tuple[str, ...]
    tpch: tuple[str, ...]
    settings: tuple[Setting, ...]
    setup: str
    steps: tuple[Step, ...]

    def step(self, id: str) -> Step | None:
        """Return the step of that id, or of that number from 1."""
        if id.isdecimal():
            return self.steps[int(id) - 1] if 0 < int(id) <= len(self.steps) else None
        return next((step for step in self.steps if step.id == id), None)
