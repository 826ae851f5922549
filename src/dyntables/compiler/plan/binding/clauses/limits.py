"""LIMIT and DISTINCT ON → the rows that are kept: the first ones of an order that leaves nothing open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.names import quote
from dyntables.compiler.plan.algebra.nodes import (
    Bound,
    Column,
    Filter,
    Plan,
    Scalar,
    SqlType,
    TopK,
    Window,
    free_ids,
    is_recursive,
)
from dyntables.compiler.plan.binding.scope import fragment, id_node, outside_queries, to_scalar, unwrap
from dyntables.compiler.plan.text.determined import Choice, identity
from dyntables.compiler.plan.text.dialect import generate
from dyntables.compiler.reasons import NotIncremental, Reason

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder

_ROW_NUMBER = SqlType("bigint")
_UNLIMITED = 10**15  # more rows than a table holds
_SMALL = 10**9  # so that it may be added to within the type that the server gives it
_ROW = "Number the rows by row_number() in a subquery, and compare the number with the column."


def limited(tree: exp.Expr) -> bool:
    """Tell whether a query has LIMIT, OFFSET or FETCH."""
    return tree.args.get("limit") is not None or tree.args.get("offset") is not None


@dataclass(frozen=True, slots=True)
class Sorting:
    """What rows are kept by: the order of the definition, and what it is completed with."""

    own: tuple[Scalar, ...]
    added: tuple[Scalar, ...]

    @property
    def order(self) -> tuple[Scalar, ...]:
        """The order as a whole."""
        return self.own + self.added


def leaves_out(tree: exp.Expr, plan: Plan) -> bool:
    """Tell whether a query has a LIMIT or an OFFSET that may leave out rows of its plan."""
    limit, offset = tree.args.get("limit"), tree.args.get("offset")
    if offset is not None and not _is_zero(offset.expression):
        return True
    return limit is not None and not _is_no_limit(limit) and not (identity(plan) == frozenset() and _is_positive(limit))


def with_ties(tree: exp.Expr) -> bool:
    """Tell whether a query keeps all rows that tie with the last."""
    options = tree.args["limit"].args.get("limit_options") if tree.args.get("limit") is not None else None
    return options is not None and bool(options.args.get("with_ties"))


def keep_top(binder: Binder, tree: exp.Expr, plan: Plan, sorting: Sorting) -> Plan:
    """Return the rows that a query's LIMIT and OFFSET keep."""
    if not leaves_out(tree, plan):
        return plan
    limit, offset = tree.args.get("limit"), tree.args.get("offset")
    skipped = _number(offset.expression, "0") if offset is not None else "0"
    kept = str(_UNLIMITED)
    if limit is not None and not _is_no_limit(limit):
        kept = _number(limit.args["count"] if isinstance(limit, exp.Fetch) else limit.expression, kept)
    elif not free_ids(plan):
        # There is no end to what would be kept apart from the other rows.
        return ranked(binder, plan, (), sorting.order, f"{{n}} > ({skipped})")
    if not sorting.own and is_recursive(plan):
        detail = "LIMIT without ORDER BY ends a WITH RECURSIVE that may have no end of its own"
        raise NotIncremental(Reason.RECURSIVE, detail, "LIMIT", advice="Let a condition in the recursive term end it.")
    if with_ties(tree):
        return TopK(plan, sorting.own, kept, skipped, ties=True)
    return TopK(plan, sorting.order, kept, skipped, added=len(sorting.added))


def record(
    binder: Binder,
    tree: exp.Expr,
    listed: Bound,
    sorting: Sorting,
    hidden: dict[tuple[str, int], str] | None = None,
    keys: tuple[str, ...] = (),
) -> None:
    """Remember what the order of a query was completed with; ``hidden`` and ``keys`` as in ``Choice``."""
    if not sorting.added or not listed.outputs or with_ties(tree):
        return
    outputs = tuple(c.id for c in listed.outputs)
    choice = Choice(listed.names, outputs, hidden or {}, sorting.order, keys)
    note = None
    if not sorting.own:
        names = {c.id: n for c, n in zip(listed.outputs, listed.names, strict=True)}
        first = ", ".join(dict.fromkeys(names[r] for o in sorting.added for r in sorted(o.refs)))
        clause, end = ("LIMIT", "first") if tree.args.get("limit") is not None else ("OFFSET", "last")
        note = f"{clause} without ORDER BY may keep any rows: those that are kept come {end} by {first}"
    binder.choices.record(tree, choice, note)


def first_of_each(binder: Binder, plan: Plan, keys: list[Column], sorting: Sorting) -> Plan:
    """Return the first row of each set of rows with equal keys: DISTINCT ON."""
    return ranked(binder, plan, tuple(dict.fromkeys(k.id for k in keys)), sorting.order, "{n} = 1")


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


def partitioned(plan: Window, source: Plan, keys: tuple[str, ...]) -> Window:
    """Return window functions over another input, in which rows with other keys are in partitions of their own."""
    calls = tuple(Scalar(_partitioned(c.sql, keys), c.refs.union(keys)) for c in plan.calls)
    return Window(source, (*plan.partition, *(k for k in keys if k not in plan.partition)), plan.added, calls)


def _partitioned(call: str, keys: tuple[str, ...]) -> str:
    tree = fragment(call)
    for window in tree.find_all(exp.Window):
        window.set("partition_by", [*(window.args.get("partition_by") or []), *(id_node(k) for k in keys)])
    return generate(tree)


def ordered_by(order: list[exp.Ordered], by: list[Column]) -> tuple[Scalar, ...]:
    """Return the ORDER BY items over the columns that hold their values."""
    items = []
    for ordered, column in zip(order, by, strict=True):
        copied = ordered.copy()
        copied.set("this", id_node(column.id))
        items.append(Scalar(generate(copied), frozenset({column.id})))
    return tuple(items)


def _is_positive(limit: exp.Expr) -> bool:
    count = unwrap(limit.expression) if isinstance(limit, exp.Limit) else None
    return isinstance(count, exp.Literal) and not count.is_string and count.name != "0"


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
