"""The frozen region of a dynamic table: what its predicate means for the rows that are still maintained.

Law: with P the predicate, a table's contents are σ[¬P] of its definition, and the rows that were frozen. ¬ is "is not
true": a row for which P is unknown is maintained.

With the current time P may only come to hold, never cease to: a row that left the region would be there twice. So the
time may stand alone on the greater side of a comparison, below AND and OR only. What it is compared with, the boundary,
is looked at again at each refresh. The boundary at the last rebuild, as a constant, is one more condition (the floor):
it says nothing new, and unlike one on the clock it can be pushed down to the sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from dyntables.compiler.dialects.snowflake import translate
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.plan.algebra.nodes import Aggregate, Join, Plan, Project, UnionAll, Window, inputs
from dyntables.compiler.plan.binding.scope import reads_clock, unwrap
from dyntables.compiler.plan.text.clock import at_previous
from dyntables.compiler.plan.text.dialect import generate, parse
from dyntables.compiler.program import Compiled
from dyntables.errors import InvalidOptionError

MARK = "__dt_boundary_"
_ORDERED = {"date", "timestamp", "timestamptz", "integer", "int", "bigint", "smallint", "numeric", "decimal", "text"}
_DAILY = {"current_time", "localtime"}
# Functions through which a later time never becomes an earlier one, but for changes of the local time.
_MONOTONE = {
    "now", "transaction_timestamp", "date_trunc", "timezone", "date", "timestamp", "make_interval",
    "add_days", "add_time", "num", "to_date",
}  # fmt: skip
_MONOTONE_NODES = (
    exp.Cast, exp.Paren, exp.Literal, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Interval, exp.Var, exp.DataType,
    exp.CurrentDate, exp.CurrentTimestamp, exp.Localtimestamp, exp.AtTimeZone, exp.DataTypeParam, exp.Identifier,
    exp.Dot,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remainder:
    """The condition of the rows that are maintained.

    ``active`` reads the clock if the predicate does; ``floor`` has marks for ``boundaries``, expressions of the clock.
    """

    active: str
    floor: str
    boundaries: tuple[str, ...]


def remainder(predicate: str) -> Remainder:
    """Return what is not frozen by a predicate, a canonical expression over columns.

    Raises:
        InvalidOptionError: the region could become smaller as time passes.
    """
    boundaries: list[str] = []
    tree = parse(f"SELECT {predicate}").expressions[0]
    floor = _not_true(tree, boundaries)
    active = condition(floor, [f"({b})" for b in boundaries])
    return Remainder(active, floor, tuple(boundaries))


def predicate_of_snowflake(text: str, columns: Sequence[str]) -> str:
    """Return a predicate over columns that was written in Snowflake's SQL."""
    rows = ", ".join(f"NULL AS {quote_qualified(name)}" for name in columns)
    query = translate(f"SELECT ({text}) AS frozen FROM (SELECT {rows}) AS q", lambda _: tuple(columns))
    return generate(parse(query).expressions[0].unalias())


def reread(predicate: str) -> str:
    """Return a predicate as the parser understood it."""
    return generate(parse(f"SELECT {predicate}").expressions[0])


def _not_true(tree: exp.Expr, boundaries: list[str]) -> str:
    tree = unwrap(tree)
    if not reads_clock(tree):
        return _complement(tree)
    if isinstance(tree, exp.And):
        return f"({_not_true(tree.left, boundaries)} OR {_not_true(tree.right, boundaries)})"
    if isinstance(tree, exp.Or):
        return f"({_not_true(tree.left, boundaries)} AND {_not_true(tree.right, boundaries)})"
    sides = _sides(tree)
    if sides is None or not _is_boundary(sides[1]):
        raise InvalidOptionError(
            "the frozen region could become smaller as time passes",
            detail=f"In: {generate(tree)}",
            hint="Compare a column with the current time: FROZEN WHERE (day < current_date - 30).",
        )
    still, moving, strict = sides
    number = len(boundaries)
    boundaries.append(generate(moving))
    value = generate(still)
    return f"(({value}) {'>=' if strict else '>'} {MARK}{number}__ OR ({value}) IS NULL)"


def _complement(tree: exp.Expr) -> str:
    """Return where a predicate without clock is not true, in a form that an index can use if there is one."""
    match tree:
        case exp.LT() | exp.LTE() if _is_constant(tree.right):
            value, operator, constant = tree.left, ">=" if isinstance(tree, exp.LT) else ">", tree.right
        case exp.GT() | exp.GTE() if _is_constant(tree.right):
            value, operator, constant = tree.left, "<=" if isinstance(tree, exp.GT) else "<", tree.right
        case _:
            return f"(({generate(tree)}) IS NOT TRUE)"
    return f"(({generate(value)}) {operator} ({generate(constant)}) OR ({generate(value)}) IS NULL)"


def _is_constant(tree: exp.Expr) -> bool:
    """Tell whether an expression is a constant, and not NULL, of a type in which one of <, = and > always holds."""
    tree = unwrap(tree)
    if isinstance(tree, exp.Cast):
        return generate(tree.args["to"]).split("(")[0].lower() in _ORDERED and _is_constant(tree.this)
    return isinstance(tree, exp.Literal)


def _sides(tree: exp.Expr) -> tuple[exp.Expr, exp.Expr, bool] | None:
    """Return the lesser and the greater side of a comparison, and whether they may not be equal."""
    match tree:
        case exp.LT() | exp.LTE():
            sides = tree.left, tree.right, isinstance(tree, exp.LT)
        case exp.GT() | exp.GTE():
            sides = tree.right, tree.left, isinstance(tree, exp.GT)
        case _:
            return None
    return None if reads_clock(sides[0]) else sides


def _is_boundary(tree: exp.Expr) -> bool:
    return all(_is_monotone(node) for node in tree.walk()) and not any(
        isinstance(n, exp.Sub) and reads_clock(n.right) for n in tree.walk()
    )


def _is_monotone(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower() in _MONOTONE
    if isinstance(node, (exp.Mul, exp.Neg)) and reads_clock(node):
        return False
    return isinstance(node, _MONOTONE_NODES) or (at_previous(node) is not None and not _daily(node))


def _daily(node: exp.Expr) -> bool:
    return isinstance(node, (exp.CurrentTime, exp.Localtime)) or str(node.this).lower() in _DAILY


def columns_read(predicate: str) -> list[str]:
    """Return the columns that a canonical predicate reads.

    Raises:
        InvalidOptionError: it reads none.
    """
    tree = parse(f"SELECT {predicate}").expressions[0]
    found = sorted({c.name for c in tree.find_all(exp.Column)})
    if not found:
        raise InvalidOptionError("the predicate of a frozen region reads no column")
    return found


def condition(floor: str, values: Iterable[str]) -> str:
    """Return a floor with constants, as SQL, in place of its boundaries."""
    for number, value in enumerate(values):
        floor = floor.replace(f"{MARK}{number}__", value)
    return floor


def check_columns(compiled: Compiled, columns: Iterable[str]) -> None:
    """Refuse columns by which only some rows of a group or of a partition would be frozen.

    Raises:
        InvalidOptionError: an aggregate or a window function makes the column, or it is not in PARTITION BY.
    """
    ids = {name: c.id for c, name in zip(compiled.outputs, compiled.names, strict=True)}
    for name in columns:
        if name not in ids:
            raise InvalidOptionError(f'the predicate of a frozen region reads "{name}", which is no column')
        obstacle = _obstacle(compiled.plan, ids[name])
        if obstacle is not None:
            raise InvalidOptionError(f'the column "{name}" cannot bound a frozen region: {obstacle}', hint=_HINT)


_HINT = "Use columns of GROUP BY and PARTITION BY, such as a day: then whole groups and partitions are frozen."


def _obstacle(plan: Plan, column: str) -> str | None:
    """Return why a column of a plan cannot bound a region, or None."""
    match plan:
        case Aggregate() if column not in plan.keys:
            return "an aggregate function makes it"
        case Window() if column in {c.id for c in plan.added}:
            return "a window function makes it"
        case Window() if column not in plan.partition:
            return "it passes a window function, and is not in its PARTITION BY"
        case Join() if plan.mark is not None and column == plan.mark.id:
            return "a subquery makes it"
        case Project():
            refs = dict(zip((c.id for c in plan.columns), plan.expressions, strict=True))[column].refs
            return next((o for r in sorted(refs) if (o := _obstacle(plan.input, r)) is not None), None)
        case UnionAll():
            return next((o for i in plan.inputs if (o := _obstacle(i, column)) is not None), None)
    for below in inputs(plan):
        if column in {c.id for c in below.columns}:
            return _obstacle(below, column)
    expressions = getattr(plan, "expressions", ())
    made_of = {r for c, e in zip(plan.columns, expressions, strict=False) if c.id == column for r in e.refs}
    return next((o for i in inputs(plan) for r in sorted(made_of) if (o := _obstacle(i, r)) is not None), None)
