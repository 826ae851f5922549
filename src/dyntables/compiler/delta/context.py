"""What a derivation may use: which inputs changed, and a place to put intermediate results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from dyntables.compiler.delta.consolidate import consolidate
from dyntables.compiler.depth import deep
from dyntables.compiler.names import TEMPORARY, WEIGHT, logged, make_staging, quote
from dyntables.compiler.plan.algebra.nodes import (
    Apply,
    Column,
    Expand,
    Filter,
    Plan,
    Project,
    Relation,
    Scalar,
    Source,
    SqlType,
    UnionAll,
    scalars,
)
from dyntables.compiler.plan.algebra.render import from_item, render
from dyntables.compiler.plan.binding.values.total import all_total

WEIGHT_COLUMN = Column(WEIGHT, SqlType("integer"), nullable=False)


class Purpose(StrEnum):
    """What a statement of a refresh is for."""

    DELTA = "DELTA"
    CHECK = "CHECK"
    REBUILD = "REBUILD"
    REDO = "REDO"
    DELETE = "DELETE"
    UPDATE = "UPDATE"
    INSERT = "INSERT"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a refresh.

    ``guard``: a query; the statement runs only if it returns true. A CHECK is a query that must return false,
    and so is a REBUILD, which tells whether the changes are not enough.
    ``expected``: a query for the number of rows that the statement must touch. ``temporary``: the table it makes;
    ``analyze``: whether the plans of later statements depend on more than its size, and if on some columns of it only,
    ``analyzed`` names them, quoted; ``small``: even if it has few rows.
    """

    purpose: Purpose
    sql: str
    label: str
    temporary: str | None = None
    guard: str | None = None
    expected: str | None = None
    analyze: bool = False
    analyzed: tuple[str, ...] = ()
    small: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What a source's log holds that was not consumed, as a FROM item; ``appended`` if every weight is 1."""

    rows: str
    appended: bool = False


@dataclass(slots=True)
class Context:
    """Collects the statements of one refresh while operators are derived.

    ``prefix``, ``staging``: of the names of the tables that it makes, and their schema.
    ``changes``: the delta of each changed leaf, by source OID or storage name. ``appended``: those of them in which
    every weight is 1. ``logs``: those that are read from a log where they are used, by name.
    """

    prefix: str
    staging: str = TEMPORARY
    changes: dict[int | str, Relation] = field(default_factory=dict)
    appended: set[int | str] = field(default_factory=set)
    logs: dict[str, Change] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    made: int = 0

    def read(self, source: Source, columns: tuple[Column, ...], change: Change, *, once: bool) -> None:
        """Make the change of a source known; one that is used more than once is stored."""
        columns = (*(replace(c, id=logged(c.id)) for c in columns), WEIGHT_COLUMN)
        # OFFSET keeps the planner from computing conditions of rows before it is known that they have not cancelled.
        rows = change.rows if change.appended else f"({consolidate(f'{change.rows} c', columns[:-1])} OFFSET 0)"
        relation = Relation(rows, columns)
        if change.appended:
            self.appended.add(source.oid)
        if once:
            self.logs[rows] = change
        else:
            relation = self.temporary(render(relation), columns, f"changes of {source.schema}.{source.name}")
        self.changes[source.oid] = relation

    def temporary(
        self,
        sql: str,
        columns: tuple[Column, ...],
        label: str,
        *,
        analyze: bool = True,
        analyzed: tuple[str, ...] = (),
        small: bool = False,
    ) -> Relation:
        """Add a statement that stores a query's rows; return them as a relation."""
        name = f"{self.prefix}_{self.made}"
        self.made += 1
        create = make_staging(self.staging, name, sql)
        statement = Statement(
            Purpose.DELTA, create, label, temporary=name, analyze=analyze, analyzed=analyzed, small=small
        )
        self.statements.append(statement)
        return Relation(f"{self.staging}.{quote(name)}", columns)

    def stored(self, plan: Plan, label: str) -> Relation:
        """Return the plan's rows as a relation, stored unless they are one already."""
        if isinstance(plan, Relation) and plan.name not in self.logs:
            return plan
        early = self.early(plan)
        sql = consolidate(from_item(early, "d"), plan.columns[:-1]) if early is not None else render(plan)
        return self.temporary(sql, plan.columns, label)

    def known(self, plan: Plan, label: str) -> Plan:
        """Return a plan of which the planner can know the size: rows computed from logs are stored."""
        return self.stored(plan, label) if self._computed(plan) else plan

    @deep(5)
    def early(self, plan: Plan, more: Iterable[Scalar] = ()) -> Plan | None:
        """Return the plan over a log as it is, where it need not be consolidated before; ``more`` is computed above it.

        Rows are filtered before they are consolidated, and cancel where they are summed. None if the plan is of
        another kind, if nothing can cancel, or if computing something of a row that came and went could fail.
        """
        if not isinstance(plan, (Filter, Project)):
            change = self.logs.get(plan.name) if isinstance(plan, Relation) else None
            if not isinstance(plan, Relation) or change is None or change.appended:
                return None
            return replace(plan, name=change.rows) if all_total(more, plan.columns) else None
        below = self.early(plan.input, scalars(plan))
        return replace(plan, input=below) if below is not None and all_total(more, plan.columns) else None

    @deep(5)
    def _computed(self, plan: Plan) -> bool:
        """Tell whether a plan computes its rows from logs alone, one by one."""
        match plan:
            case Relation():
                return plan.name in self.logs
            case Filter() | Project() | Expand() | Apply():
                return self._computed(plan.input)
            case UnionAll():
                return any(self._computed(i) for i in plan.inputs)
            case _:
                return False

    def run(
        self, purpose: Purpose, sql: str, label: str, *, guard: str | None = None, expected: str | None = None
    ) -> None:
        """Add a statement."""
        self.statements.append(Statement(purpose, sql, label, guard=guard, expected=expected))
