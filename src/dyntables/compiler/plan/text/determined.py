"""LIMIT and DISTINCT ON whose ORDER BY leaves open which rows are kept → an order that does not.

Any rows that SQL allows are right. But the same ones must be kept wherever the query is computed: for each reference to
a WITH query, for IN and for its NULLs, by a full refresh and by changes, and when the contents are verified. So the
order is completed by what tells rows apart: a key, if one is known, or else all columns, from left to right. As this
only narrows what SQL leaves open, the completed query is one way to run the definition.

Before:  SELECT id, name FROM t LIMIT 3
After:   SELECT id_1 AS id, name_1 AS name FROM (SELECT id, name FROM t) q(id_1, name_1) ORDER BY id_1 LIMIT 3
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from dyntables.compiler.depth import deep
from dyntables.compiler.names import quote, quote_qualified
from dyntables.compiler.plan.algebra.images import image
from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    ClockFilter,
    Column,
    Filter,
    Join,
    JoinKind,
    Plan,
    Project,
    Scalar,
    Scan,
    TopK,
    Window,
)
from dyntables.compiler.plan.text.dialect import generate, parse

_MARK = "dt_choice"
_WITHOUT_ORDER = ("record", "unknown")  # what is in them says whether they have one


def tie_breakers(plan: Plan, by: Iterable[Column], outputs: tuple[Column, ...]) -> tuple[Scalar, ...]:
    """Return what to order rows by besides ``by``, so that those that tie have the same ``outputs``."""
    ordered = {c.id for c in by}
    known = identity(plan)
    if known and known <= {c.id for c in plan.columns}:
        return tuple(_first_item(c) for c in plan.columns if c.id in known - ordered)
    items = []
    # A key may have an index.
    for column in sorted(outputs or plan.columns[:1], key=lambda c: not c.unique):
        if column.id not in ordered:
            items.append(_first_item(column))
        if not column.type.image_equal:
            items.append(_image(column))
    return tuple(dict.fromkeys(items))


@deep(4)
def identity(plan: Plan) -> frozenset[str] | None:
    """Return columns by which no two rows of a plan are equal, or None if none are known."""
    match plan:
        case Scan():
            return next((frozenset({c.id}) for c in plan.columns if c.unique), None)
        case Filter() | ClockFilter() | Window() | TopK():
            return identity(plan.input)
        case Project():
            known = identity(plan.input)
            names = {e.sql: c.id for c, e in zip(plan.columns, plan.expressions, strict=True) if e.refs == {e.sql}}
            return frozenset(names[i] for i in known) if known is not None and known <= set(names) else None
        case Aggregate():
            return frozenset(plan.keys)
        case Join(kind=JoinKind.SEMI | JoinKind.ANTI | JoinKind.MARK):
            return identity(plan.left)
        case Join(kind=JoinKind.INNER | JoinKind.LEFT):
            left, right = identity(plan.left), identity(plan.right)
            return left | right if left is not None and right is not None else None
        case _:
            return None


def _first_item(column: Column) -> Scalar:
    """Return a column as an item of ORDER BY: by the order of its type if it has one.

    In that, values that are equal tie: which of them a group shows does not decide where it comes.
    """
    own = column.type.sortable and not column.type.base.startswith(_WITHOUT_ORDER)
    return Scalar(quote(column.id), frozenset({column.id})) if own else _image(column)


def _image(column: Column) -> Scalar:
    return Scalar(image(quote(column.id), column.type), frozenset({column.id}))


@dataclass(frozen=True, slots=True)
class Choice:
    """How a query is completed: the ids of its outputs, of the hidden columns that it is ordered by, and the order.

    ``hidden``: the items of ORDER BY and DISTINCT ON that are no outputs, as clause and number. ``keys``: of DISTINCT
    ON, by id.
    """

    names: tuple[str, ...]
    outputs: tuple[str, ...]
    hidden: dict[tuple[str, int], str]
    order: tuple[Scalar, ...]
    keys: tuple[str, ...] = ()


@dataclass(slots=True)
class Choices:
    """The queries of a definition that were completed, the views that hold such, and what to say of it."""

    found: dict[int, Choice] = field(default_factory=dict)
    views: dict[tuple[str, str], str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    _marks: int = 0

    def mark(self, tree: exp.Expr) -> None:
        """Mark every query in a tree, so that it is known in copies, too."""
        for query in tree.find_all(exp.Query):
            self._marks += 1
            query.meta[_MARK] = self._marks

    def record(self, query: exp.Expr, choice: Choice, note: str | None) -> None:
        """Remember how a marked query was completed."""
        mark = query.meta[_MARK]
        self.found[mark] = choice
        if note is not None:
            self.notes[mark] = note

    def written(self, tree: exp.Expr) -> str | None:
        """Return the text of a marked query with what was completed in it, or None if nothing was."""
        if not self.found and not self.views:
            return None
        tree, changed = tree.copy(), False
        for view in list(tree.find_all(exp.Table)):
            text = self.views.get((view.db, view.name))
            if text is not None:
                changed = True
                view.replace(_inlined(view, text))
        # Those inside others come later in the list.
        for query in reversed(list(tree.find_all(exp.Query))):
            choice = self.found.get(query.meta.get(_MARK, 0))
            if choice is None:
                continue
            changed, completed = True, parse(_completed(query, choice))
            if query is tree:
                tree = completed
            else:
                query.replace(completed)
        return generate(tree) if changed else None


def _completed(query: exp.Expr, choice: Choice) -> str:
    inner = query.copy()
    for (clause, number), _ in choice.hidden.items():
        listed = inner.args["order"].expressions if clause == "order" else inner.args["distinct"].args["on"].expressions
        inner.append("expressions", (listed[number].this if clause == "order" else listed[number]).copy())
    for part in ("order", "limit", "offset", *(("distinct",) if choice.keys else ())):
        inner.set(part, None)
    distinct = f"DISTINCT ON ({', '.join(quote(k) for k in choice.keys)}) " if choice.keys else ""
    items = ", ".join(f"{quote(i)} AS {quote_qualified(n)}" for i, n in zip(choice.outputs, choice.names, strict=True))
    ids = ", ".join(quote(i) for i in (*choice.outputs, *choice.hidden.values()))
    order = ", ".join(o.sql for o in choice.order)
    rest = " ".join(generate(query.args[p]) for p in ("limit", "offset") if query.args.get(p) is not None)
    return f"SELECT {distinct}{items} FROM ({generate(inner)}) dt_rows({ids}) ORDER BY {order} {rest}"


def _inlined(view: exp.Table, text: str) -> exp.Expr:
    alias = view.args.get("alias") or exp.TableAlias(this=exp.to_identifier(view.name, quoted=True))
    return exp.Subquery(this=parse(text), alias=alias.copy(), joins=view.args.get("joins"))
