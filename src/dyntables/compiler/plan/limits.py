"""ORDER BY … LIMIT and DISTINCT ON → the rows that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.names import quote
from dyntables.compiler.plan.dialect import generate
from dyntables.compiler.plan.nodes import Column, Filter, Plan, Scalar, SqlType, TopK, Window
from dyntables.compiler.plan.scope import id_node, outside_queries, to_scalar, unwrap
from dyntables.compiler.reasons import NotIncremental, Reason

if TYPE_CHECKING:
    from dyntables.compiler.plan.bind import Binder

_ROW_NUMBER = SqlType("bigint")
_UNLIMITED = 10**15  # more rows than a table holds
_SMALL = 10**9  # so that it may be added to within the type that the server gives it
_OFFSET = "Write the first rows as NOT IN or EXCEPT, or number the rows by row_number() and filter by that."
_ROW = "Number the rows by row_number() in a subquery, and compare the number with the column."


def limited(tree: exp.Expr) -> bool:
    """Tell whether a query has LIMIT, OFFSET or FETCH."""
    return tree.args.get("limit") is not None or tree.args.get("offset") is not None


def keep_top(tree: exp.Expr, plan: Plan, order: list[exp.Ordered], by: list[Column]) -> Plan:
    """Return the rows that a query's LIMIT and OFFSET keep; ``by`` are the columns of ``order``."""
    if not limited(tree):
        return plan
    limit, offset = tree.args.get("limit"), tree.args.get("offset")
    if limit is None or _is_no_limit(limit):
        if offset is None or _is_zero(offset.expression):
            return plan
        raise NotIncremental(
            Reason.LIMIT, "OFFSET without LIMIT is refreshed in full", generate(offset), advice=_OFFSET
        )
    if not order:
        raise NotIncremental(Reason.LIMIT, "LIMIT without ORDER BY takes any rows", generate(limit))
    count = limit.args["count"] if isinstance(limit, exp.Fetch) else limit.expression
    options = limit.args.get("limit_options")
    ties = options is not None and bool(options.args.get("with_ties"))
    skipped = _number(offset.expression, "0") if offset is not None else "0"
    kept = _number(count, str(_UNLIMITED))
    return TopK(plan, ordered_by(order, by), kept, skipped, ties)


def first_of_each(binder: Binder, plan: Plan, keys: list[Column], order: list[exp.Ordered], by: list[Column]) -> Plan:
    """Return the first row of each set of rows with equal keys: DISTINCT ON."""
    return ranked(binder, plan, tuple(dict.fromkeys(k.id for k in keys)), ordered_by(order, by), "{n} = 1")


def ranked(
    binder: Binder, plan: Plan, keys: tuple[str, ...], order: tuple[Scalar, ...], keep: str, *, ties: bool = False
) -> Plan:
    """Return the rows whose number ``{n}`` in their partition, with ties rank ``{r}``, satisfies ``keep``."""
    partition = f"PARTITION BY {', '.join(quote(k) for k in keys)} " if keys else ""
    by = f"ORDER BY {', '.join(o.sql for o in order)}" if order else ""
    refs = frozenset(keys).union(*(o.refs for o in order))
    functions = {"n": "row_number", "r": "rank"} if ties else {"n": "row_number"}
    numbers = {k: Column(binder.ids.fresh(f), _ROW_NUMBER, nullable=False) for k, f in functions.items()}
    calls = tuple(Scalar(f"{f}() OVER ({partition}{by})", refs) for f in functions.values())
    window = Window(plan, keys, tuple(numbers.values()), calls)
    ids = {k: c.id for k, c in numbers.items()}
    return Filter(window, (Scalar(keep.format(**ids), frozenset(ids.values())),))


def first_of_partition(binder: Binder, plan: TopK, source: Plan, keys: tuple[str, ...]) -> Plan:
    """Return what LIMIT and OFFSET keep of each set of rows of another input with equal keys."""
    place = "{r}" if plan.ties else "{n}"
    keep = f"{{n}} > ({plan.offset}) AND {place} <= ({plan.offset}) + ({plan.limit})"
    # Where no row is wanted, none ties with it.
    keep += f" AND ({plan.limit}) > 0" if plan.ties else ""
    return ranked(binder, source, keys, plan.order, keep, ties=plan.ties)


def ordered_by(order: list[exp.Ordered], by: list[Column]) -> tuple[Scalar, ...]:
    """Return the ORDER BY items over the columns that hold their values."""
    items = []
    for ordered, column in zip(order, by, strict=True):
        copied = ordered.copy()
        copied.set("this", id_node(column.id))
        items.append(Scalar(generate(copied), frozenset({column.id})))
    return tuple(items)


def _is_no_limit(limit: exp.Expr) -> bool:
    """Tell whether it is LIMIT ALL, also as LIMIT NULL."""
    count = limit.args.get("count") if isinstance(limit, exp.Fetch) else limit.expression
    while isinstance(count, (exp.Paren, exp.Cast)):
        count = count.this
    return isinstance(count, exp.Null) or (isinstance(count, exp.Var) and count.name.upper() == "ALL")


def _is_zero(expression: exp.Expr) -> bool:
    node = unwrap(expression)
    return isinstance(node, exp.Literal) and node.name == "0"


def _number(expression: exp.Expr, unless: str) -> str:
    """Return LIMIT or OFFSET as SQL to which a number can be added; ``unless`` is what NULL stands for."""
    node = expression
    while isinstance(node, (exp.Paren, exp.Cast)):
        node = node.this
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        count = min(int(node.name), _UNLIMITED)
        return str(count) if count < _SMALL else f"{count}::bigint"
    return f"least(coalesce({_constant(expression)}, {unless}), {_UNLIMITED})"


def _constant(expression: exp.Expr) -> str:
    if any(isinstance(node, exp.Column) for node in outside_queries(expression)):
        text = generate(expression)
        raise NotIncremental(Reason.LIMIT, "LIMIT depends on the row around it", text, advice=_ROW)
    return to_scalar(expression).sql
