"""The relational algebra of a definition.

Every output column of every node has an id that is unique in the plan and is also its name in rendered SQL. An
expression is therefore plain SQL text over ids, and no node ever needs to substitute names in another's text.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from dyntables.compiler.depth import deep


@dataclass(frozen=True, slots=True)
class SqlType:
    """A column type as the server names it.

    ``image_equal``: values that compare equal also print the same (not so for numeric without a scale, floats, …).
    ``groupable``: the type has an equality that GROUP BY can use. ``unbounded``: values may be too long for an index.
    ``hashable``: that equality has a hash function. ``array``: an array, or a domain over one. ``equals``: how that
    equality is written under an empty path: the equality of the type's default operator class, which is what GROUP BY
    goes by. ``over``: the name of the type that a domain is over. ``sortable``: the type has an order of its own.
    """

    name: str
    image_equal: bool = True
    groupable: bool = True
    unbounded: bool = False
    hashable: bool = True
    array: bool = False
    equals: str = "="
    over: str | None = None
    sortable: bool = True

    @property
    def without_checks(self) -> SqlType:
        """The type without what a domain asks of its values: a row without a match has NULL even for NOT NULL."""
        return self if self.over is None else replace(self, name=self.over, over=None)

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

    ``fields`` are the table's own column names where they differ from the ids; ``single``: it always has one row.
    """

    name: str
    columns: tuple[Column, ...]
    fields: tuple[str, ...] = ()
    single: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """Rows that come from no source and so never change: VALUES, a SELECT without FROM, a function of constants."""

    sql: str
    columns: tuple[Column, ...]


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


@dataclass(frozen=True, slots=True)
class ClockFilter:
    """A filter by the current time; ``before`` is the predicate at the previous data timestamp.

    ``bounds`` hold for every row whose verdict differs between the two instants, in a form that an index can use.
    """

    input: Plan
    predicate: Scalar
    before: Scalar
    bounds: tuple[Scalar, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The output columns."""
        return self.input.columns


@dataclass(frozen=True, slots=True)
class Expand:
    """A projection with set-returning functions: each input row gives any number of rows."""

    input: Plan
    columns: tuple[Column, ...]
    expressions: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Apply:
    """Each input row with the rows of a query over nothing but that row, such as ``unnest(array)``.

    ``query`` yields ``added`` by id; LEFT keeps rows for which no row of it satisfies ``on``.
    """

    kind: JoinKind
    input: Plan
    query: Scalar
    added: tuple[Column, ...]
    on: tuple[Scalar, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The output columns."""
        added = self.added if self.kind is JoinKind.INNER else tuple(as_nullable(c) for c in self.added)
        return self.input.columns + added


class JoinKind(StrEnum):
    """The SQL joins (RIGHT is bound as LEFT with its sides exchanged), and those that subqueries become.

    SEMI and ANTI keep the left rows with and without a match; MARK keeps all and says which have one.
    """

    INNER = "INNER"
    LEFT = "LEFT"
    FULL = "FULL"
    SEMI = "SEMI"
    ANTI = "ANTI"
    MARK = "MARK"


@dataclass(frozen=True, slots=True)
class Join:
    """Pairs of rows for which every ``on`` predicate is true, padded with NULLs as the kind says.

    ``mark`` is the column that a MARK join adds. ``led``: the left side is computed first.
    """

    kind: JoinKind
    left: Plan
    right: Plan
    on: tuple[Scalar, ...]
    mark: Column | None = None
    led: bool = False
    columns: tuple[Column, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Asked for again and again, by every join above it.
        object.__setattr__(self, "columns", self._columns())

    def _columns(self) -> tuple[Column, ...]:
        left, right = self.left.columns, self.right.columns
        if self.kind in (JoinKind.SEMI, JoinKind.ANTI, JoinKind.MARK):
            return left if self.mark is None else (*left, self.mark)
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
    BOOL_AND = "BOOL_AND"
    BOOL_OR = "BOOL_OR"
    RECOMPUTE = "RECOMPUTE"


@dataclass(frozen=True, slots=True)
class AggregateCall:
    """One aggregate: ``sql`` is the whole call over input ids; ``argument`` and ``condition`` its parts when merged.

    ``varying``: the argument is numeric, and its values need not have the same number of decimals.
    """

    column: Column
    sql: Scalar
    merge: Merge
    argument: Scalar | None = None
    condition: Scalar | None = None
    argument_type: SqlType | None = None
    varying: bool = False


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


@dataclass(frozen=True, slots=True)
class TopK:
    """The rows that ORDER BY … OFFSET … LIMIT keeps; ``limit`` and ``offset`` are constant SQL.

    ``added``: how many of the last items of the order are not the definition's.
    """

    input: Plan
    order: tuple[Scalar, ...]
    limit: str
    offset: str = "0"
    ties: bool = False
    added: int = 0

    @property
    def columns(self) -> tuple[Column, ...]:
        """The output columns."""
        return self.input.columns


@dataclass(frozen=True, slots=True)
class Recursion:
    """WITH RECURSIVE: the rows of ``base``, and those that ``step`` makes of rows found before.

    ``step`` reads the rows found last once, as the relation ``name``, whose fields are the ids of ``columns``; nothing
    but itself does. ``distinct``: UNION, by which a row that is known already is not found again.
    """

    name: str
    base: Plan
    step: Plan
    columns: tuple[Column, ...]
    distinct: bool

    def reads_itself(self, plan: Plan) -> bool:
        """Tell whether a part of it reads the rows found last."""
        return self.name in leaves(plan)


Plan = (
    Scan | Relation | Constant | Filter | ClockFilter | Project | Expand | Apply | Join | UnionAll | Aggregate | Window
    | TopK | Recursion
)  # fmt: skip


def as_nullable(column: Column) -> Column:
    """The same column, possibly NULL."""
    return Column(column.id, column.type, nullable=True, unique=column.unique)


def inputs(plan: Plan) -> tuple[Plan, ...]:
    """The direct inputs of a node."""
    match plan:
        case Scan() | Relation() | Constant():
            return ()
        case Join():
            return (plan.left, plan.right)
        case UnionAll():
            return plan.inputs
        case Recursion():
            return (plan.base, plan.step)
        case Filter() | ClockFilter() | Project() | Expand() | Apply() | Aggregate() | Window() | TopK():
            return (plan.input,)


def with_inputs(plan: Plan, below: tuple[Plan, ...]) -> Plan:
    """Return the node over other inputs, in the order of ``inputs``."""
    match plan:
        case Scan() | Relation() | Constant():
            return plan
        case Join():
            return replace(plan, left=below[0], right=below[1])
        case UnionAll():
            return replace(plan, inputs=below)
        case Recursion():
            return replace(plan, base=below[0], step=below[1])
        case Filter() | ClockFilter() | Project() | Expand() | Apply() | Aggregate() | Window() | TopK():
            return replace(plan, input=below[0])


@deep(4)
def scans(plan: Plan) -> list[Scan]:
    """All scans of a plan, left to right."""
    if isinstance(plan, Scan):
        return [plan]
    return [s for child in inputs(plan) for s in scans(child)]


@deep(4)
def leaves(plan: Plan) -> list[int | str]:
    """Return the leaves of a plan that may change, as a context names them."""
    match plan:
        case Scan():
            return [plan.source.oid]
        case Relation():
            return [plan.name]
        case _:
            return [leaf for child in inputs(plan) for leaf in leaves(child)]


def scalars(plan: Plan) -> tuple[Scalar, ...]:
    """Return the expressions of a node over its inputs."""
    match plan:
        case Scan() | Relation() | Constant() | UnionAll() | Recursion():
            return ()
        case Filter():
            return plan.predicates
        case ClockFilter():
            return (plan.predicate, plan.before, *plan.bounds)
        case Project() | Expand():
            return plan.expressions
        case Apply():
            # In parentheses a query is an expression.
            return (Scalar(f"({plan.query.sql})", plan.query.refs), *plan.on)
        case Join():
            return plan.on
        case Aggregate():
            return (*(ref(k) for k in plan.keys), *(c.sql for c in plan.calls))
        case Window():
            return (*(ref(k) for k in plan.partition), *plan.calls)
        case TopK():
            return plan.order


@deep(4)
def uses_clock(plan: Plan) -> bool:
    """Tell whether a plan's rows depend on the current time."""
    return isinstance(plan, ClockFilter) or any(uses_clock(child) for child in inputs(plan))


@deep(4)
def is_recursive(plan: Plan) -> bool:
    """Tell whether there is a recursion in a plan."""
    return isinstance(plan, Recursion) or any(is_recursive(child) for child in inputs(plan))


@deep(5)
def free_ids(plan: Plan) -> frozenset[str]:
    """Return the ids that a plan reads and does not produce: those of the query around a correlated subquery."""
    below = frozenset(c.id for child in inputs(plan) for c in child.columns)
    if isinstance(plan, Apply):
        below |= {c.id for c in plan.added}
    own = frozenset(r for scalar in scalars(plan) for r in scalar.refs) - below
    return own.union(*(free_ids(child) for child in inputs(plan)))


def without_checks(plan: Plan) -> Plan:
    """Return a plan whose columns may become NULL, with the types that domains are over instead of these."""
    if all(c.type.over is None for c in plan.columns):
        return plan
    columns = tuple(replace(c, type=c.type.without_checks) for c in plan.columns)
    expressions = tuple(
        ref(c.id) if c.type.over is None else Scalar(f"CAST({c.id} AS {c.type.over})", frozenset({c.id}))
        for c in plan.columns
    )
    return Project(plan, columns, expressions)


def outer_join(kind: JoinKind, left: Plan, right: Plan, on: tuple[Scalar, ...]) -> Join:
    """Return a join whose padded sides ask nothing of their NULLs; of an inner one neither side is padded."""
    kept = without_checks(left) if kind is JoinKind.FULL else left
    return Join(kind, kept, without_checks(right) if kind is not JoinKind.INNER else right, on)


def one_of(column: Column) -> Scalar:
    """Return the aggregate call for the only value of a column in a group; not every type can be grouped by.

    The type of the call is ``column.type.without_checks``: a group without rows has NULL.
    """
    # An array of arrays has another type.
    array = column.type.array
    type_ = column.type.without_checks.name
    text = f"min({column.id}::text)::{type_}" if array else f"(array_agg({column.id}))[1]"
    return Scalar(text, frozenset({column.id}))


def extend(plan: Plan, columns: tuple[Column, ...], expressions: tuple[Scalar, ...]) -> Project:
    """Return the plan with computed columns added."""
    kept = tuple(ref(c.id) for c in plan.columns)
    return Project(plan, (*plan.columns, *columns), (*kept, *expressions))


@dataclass(frozen=True, slots=True)
class Bound:
    """A plan and the names of its output columns, in order.

    ``determined``: the text of a view in which everything says which rows it keeps, if its own text leaves that open;
    ``notes``: what to tell its author of that.
    """

    plan: Plan
    names: tuple[str, ...]
    outputs: tuple[Column, ...]
    determined: str | None = None
    notes: tuple[str, ...] = ()
