"""The relational algebra of a definition.

Every output column of every node has an id that is unique in the plan and is also its name in rendered SQL. An
expression is therefore plain SQL text over ids, and no node ever needs to substitute names in another's text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SqlType:
    """A column type as the server names it.

    ``image_equal``: values that compare equal also print the same (not so for numeric without a scale, floats, …).
    ``groupable``: the type has an equality that GROUP BY can use. ``unbounded``: values may be too long for an index.
    """

    name: str
    image_equal: bool = True
    groupable: bool = True
    unbounded: bool = False

    @property
    def base(self) -> str:
        """The name without modifiers, such as ``numeric`` for ``numeric(15,2)``."""
        return self.name.split("(")[0].strip()


@dataclass(frozen=True, slots=True)
class Column:
    """One output column of a node; ``unique`` if it comes from a column that is by itself a key of its source."""

    id: str
    type: SqlType
    nullable: bool = True
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Scalar:
    """SQL text over column ids; ``refs`` are the ids it reads."""

    sql: str
    refs: frozenset[str]


def ref(column: str) -> Scalar:
    """The expression that is just a column."""
    return Scalar(column, frozenset({column}))


class SourceKind(StrEnum):
    """What a scan reads."""

    TABLE = "TABLE"
    DYNAMIC_TABLE = "DYNAMIC_TABLE"


@dataclass(frozen=True, slots=True)
class Source:
    """A relation that is read and not owned by this definition; ``oid`` identifies it, the names are for rendering."""

    oid: int
    schema: str
    name: str
    kind: SourceKind


@dataclass(frozen=True, slots=True)
class Scan:
    """The rows of a source; ``fields`` are the source's own names of ``columns``, in the same order."""

    source: Source
    columns: tuple[Column, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """The rows of a table that the program makes or keeps: a temporary delta, or the storage of a stage.

    ``fields`` are the table's own column names where they differ from the ids.
    """

    name: str
    columns: tuple[Column, ...]
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Rows for which every predicate is true."""

    input: Plan
    predicates: tuple[Scalar, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The output columns."""
        return self.input.columns


@dataclass(frozen=True, slots=True)
class Project:
    """Computed columns: ``columns[i]`` is ``expressions[i]`` over the input."""

    input: Plan
    columns: tuple[Column, ...]
    expressions: tuple[Scalar, ...]


class JoinKind(StrEnum):
    """The SQL joins; RIGHT is bound as LEFT with its sides exchanged."""

    INNER = "INNER"
    LEFT = "LEFT"
    FULL = "FULL"


@dataclass(frozen=True, slots=True)
class Join:
    """Pairs of rows for which every ``on`` predicate is true, padded with NULLs as the kind says."""

    kind: JoinKind
    left: Plan
    right: Plan
    on: tuple[Scalar, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The output columns."""
        left, right = self.left.columns, self.right.columns
        if self.kind is JoinKind.FULL:
            left = tuple(as_nullable(c) for c in left)
        if self.kind is not JoinKind.INNER:
            right = tuple(as_nullable(c) for c in right)
        return left + right


@dataclass(frozen=True, slots=True)
class UnionAll:
    """All rows of all inputs; every input has the same column ids in the same order."""

    inputs: tuple[Plan, ...]
    columns: tuple[Column, ...]


class Merge(StrEnum):
    """How the stored value of an aggregate follows a delta."""

    COUNT = "COUNT"
    SUM = "SUM"
    AVG = "AVG"
    MIN = "MIN"
    MAX = "MAX"
    RECOMPUTE = "RECOMPUTE"


@dataclass(frozen=True, slots=True)
class AggregateCall:
    """One aggregate: ``sql`` is the whole call over input ids; ``argument`` and ``condition`` its parts when merged."""

    column: Column
    sql: Scalar
    merge: Merge
    argument: Scalar | None = None
    condition: Scalar | None = None
    argument_type: SqlType | None = None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One row for each group; without keys exactly one row. DISTINCT is an Aggregate without calls."""

    input: Plan
    keys: tuple[str, ...]
    calls: tuple[AggregateCall, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The output columns."""
        by_id = {c.id: c for c in self.input.columns}
        return tuple(by_id[k] for k in self.keys) + tuple(c.column for c in self.calls)


@dataclass(frozen=True, slots=True)
class Window:
    """The input with window functions added, all of them over partitions that are unions of ``partition`` groups."""

    input: Plan
    partition: tuple[str, ...]
    added: tuple[Column, ...]
    calls: tuple[Scalar, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The output columns."""
        return self.input.columns + self.added


Plan = Scan | Relation | Filter | Project | Join | UnionAll | Aggregate | Window


def as_nullable(column: Column) -> Column:
    """The same column, possibly NULL."""
    return Column(column.id, column.type, nullable=True, unique=column.unique)


def inputs(plan: Plan) -> tuple[Plan, ...]:
    """The direct inputs of a node."""
    match plan:
        case Scan() | Relation():
            return ()
        case Join():
            return (plan.left, plan.right)
        case UnionAll():
            return plan.inputs
        case Filter() | Project() | Aggregate() | Window():
            return (plan.input,)


def scans(plan: Plan) -> list[Scan]:
    """All scans of a plan, left to right."""
    if isinstance(plan, Scan):
        return [plan]
    return [s for child in inputs(plan) for s in scans(child)]
