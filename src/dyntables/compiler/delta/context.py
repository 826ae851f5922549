"""What a derivation may use: which inputs changed, and a place to put intermediate results."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from dyntables.compiler.names import WEIGHT, quote
from dyntables.compiler.plan.nodes import Column, Plan, Relation, SqlType
from dyntables.compiler.plan.render import render

WEIGHT_COLUMN = Column(WEIGHT, SqlType("integer"), nullable=False)


class Purpose(StrEnum):
    """What a statement of a refresh is for."""

    DELTA = "DELTA"
    CHECK = "CHECK"
    REDO = "REDO"
    DELETE = "DELETE"
    UPDATE = "UPDATE"
    INSERT = "INSERT"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a refresh.

    ``guard``: a query; the statement runs only if it returns true. A CHECK is a query that must return false.
    ``expected``: a query for the number of rows that the statement must touch. ``temporary``: the table it makes;
    ``analyze``: whether the plans of later statements depend on more than its size.
    """

    purpose: Purpose
    sql: str
    label: str
    temporary: str | None = None
    guard: str | None = None
    expected: str | None = None
    analyze: bool = False


@dataclass(slots=True)
class Context:
    """Collects the statements of one refresh while operators are derived.

    ``changes``: the delta of each changed leaf, by source OID or storage name. ``appended``: those of them in which
    every weight is 1.
    """

    prefix: str
    changes: dict[int | str, Relation]
    appended: frozenset[int | str] = frozenset()
    statements: list[Statement] = field(default_factory=list)
    made: int = 0

    def temporary(self, sql: str, columns: tuple[Column, ...], label: str, *, analyze: bool = True) -> Relation:
        """Add a statement that stores a query's rows; return them as a relation."""
        name = f"{self.prefix}_{self.made}"
        self.made += 1
        create = f"CREATE TEMP TABLE {quote(name)} ON COMMIT DROP AS {sql}"
        self.statements.append(Statement(Purpose.DELTA, create, label, temporary=name, analyze=analyze))
        return Relation(f"pg_temp.{quote(name)}", columns)

    def stored(self, plan: Plan, label: str) -> Relation:
        """Return the plan's rows as a relation, stored unless they are one already."""
        if isinstance(plan, Relation):
            return plan
        return self.temporary(render(plan), plan.columns, label)

    def run(
        self, purpose: Purpose, sql: str, label: str, *, guard: str | None = None, expected: str | None = None
    ) -> None:
        """Add a statement."""
        self.statements.append(Statement(purpose, sql, label, guard=guard, expected=expected))
