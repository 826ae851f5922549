"""Names in scope while a query is bound, and expressions over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.nodes import Column, Scalar
from dyntables.compiler.plan.text.clock import at_previous
from dyntables.compiler.plan.text.dialect import generate, parse
from dyntables.compiler.reasons import NotIncremental, Reason


@dataclass(frozen=True, slots=True)
class Cte:
    """A WITH query, bound anew at every reference in the scope where it was written.

    ``recursive``: it may name itself.
    """

    query: exp.Expr
    names: tuple[str, ...]
    around: Scope
    recursive: bool = False


@dataclass(frozen=True, slots=True)
class Working:
    """What the name of a recursive WITH query means in its recursive term: a relation, with the columns that it has."""

    relation: str
    names: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(slots=True)
class Scope:
    """What FROM offers: columns by alias, and the merged columns of USING by bare name; and the WITH queries.

    ``outer`` is the scope around a subquery; the server's text names no alias twice on that way.
    """

    entries: dict[str, dict[str, Column]] = field(default_factory=dict)
    merged: dict[str, exp.Expr] = field(default_factory=dict)
    outer: Scope | None = None
    ctes: Mapping[str, Cte | Working] = field(default_factory=dict)

    def add(self, alias: str, columns: dict[str, Column]) -> None:
        """Add a FROM item."""
        self.entries[alias] = columns

    def join(self, other: Scope) -> Scope:
        """Return the scope of a join of two items."""
        entries, merged = {**self.entries, **other.entries}, {**self.merged, **other.merged}
        return Scope(entries, merged, self.outer, self.ctes)

    def below(self, ctes: Mapping[str, Cte | Working] | None = None) -> Scope:
        """Return an empty scope for a query that stands in this one."""
        return Scope(outer=self, ctes=self.ctes if ctes is None else ctes)

    def columns(self) -> dict[str, Column]:
        """Return every column that can be named, outer ones included, by id."""
        found = self.outer.columns() if self.outer is not None else {}
        return found | {c.id: c for entry in self.entries.values() for c in entry.values()}

    def bare(self, name: str) -> exp.Expr:
        """Return the AST that an unqualified column stands for."""
        if name in self.merged:
            return self.merged[name].copy()
        for columns in self.entries.values():
            if name in columns:
                return id_node(columns[name].id)
        raise _unknown(name, name)

    def knows(self, node: exp.Column) -> bool:
        """Tell whether a qualified column reference names a FROM item of this query or of one around it."""
        return node.table in self.entries or (self.outer is not None and self.outer.knows(node))

    def resolve(self, node: exp.Column) -> exp.Expr:
        """Return the AST over ids for a column reference."""
        if isinstance(node.this, exp.Star):
            raise NotIncremental(Reason.WHOLE_ROW, "a whole row is used as a value", generate(node))
        if not node.table:
            return self.bare(node.name)
        columns = self.entries.get(node.table)
        if columns is None and self.outer is not None:
            return self.outer.resolve(node)
        if columns is None or node.name not in columns:
            raise _unknown(node.name, generate(node))
        return id_node(columns[node.name].id)


def _unknown(name: str, text: str) -> NotIncremental:
    """Return the reason for a name that is no column: a system column, or syntax that is taken for a name."""
    if name in _SYSTEM_COLUMNS:
        return NotIncremental(Reason.SYSTEM_COLUMN, f'the system column "{name}" is read', text)
    return NotIncremental(Reason.SYNTAX, f'"{name}" is read as a column, and is none in scope', text)


_SYSTEM_COLUMNS = {"tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"}
ID_MARK = "dt_id"
ROW_LOCAL = "dt_row_local"


def id_node(column: str) -> exp.Expr:
    """Return the AST of a reference to a column id."""
    node = exp.column(exp.to_identifier(column))
    node.set(ID_MARK, True)
    return node


def is_id(node: exp.Expr) -> bool:
    """Tell whether the node is a reference to a column id made by us."""
    return isinstance(node, exp.Column) and bool(node.args.get(ID_MARK))


def is_query(node: exp.Expr) -> bool:
    """Tell whether the node is a query of its own, in which other names are in scope."""
    return isinstance(node, (exp.Query, exp.Values))


def outside_queries(expression: exp.Expr) -> Iterator[exp.Expr]:
    """Walk an expression without what is inside its subqueries."""
    return expression.walk(prune=is_query)


def resolve(expression: exp.Expr, scope: Scope) -> exp.Expr:
    """Return a copy of the expression over column ids; subqueries in it stay as they are."""

    def replace(node: exp.Expr) -> exp.Expr | None:
        return scope.resolve(node) if isinstance(node, exp.Column) and not is_id(node) else None

    return rewrite(expression, replace)


def fragment(sql: str) -> exp.Expr:
    """Return the AST of SQL over column ids."""
    tree: exp.Expr = parse(f"SELECT {sql}").expressions[0]
    return tree.transform(lambda node: id_node(node.name) if isinstance(node, exp.Column) else node)


def reads_clock(expression: exp.Expr) -> bool:
    """Tell whether an expression reads the current time outside of subqueries over tables."""
    return next(_clock_reads(expression), None) is not None


def previously(expression: exp.Expr) -> exp.Expr:
    """Return a copy of an expression, its subqueries included, at the previous data timestamp."""
    return expression.transform(lambda node: at_previous(node) or node)


def refuse_clock(expression: exp.Expr) -> None:
    """Raise NotIncremental if an expression reads the current time outside of subqueries over tables."""
    read = next(_clock_reads(expression), None)
    if read is not None:
        raise NotIncremental(Reason.CURRENT_TIME, "the current time is read outside of a condition", generate(read))


def _clock_reads(expression: exp.Expr) -> Iterator[exp.Expr]:
    for node in outside_queries(expression):
        # The text of a query that reads no table stays a part of the expression.
        parts = node.walk() if node.meta.get(ROW_LOCAL) else (node,)
        yield from (n for n in parts if at_previous(n) is not None)


def to_scalar(expression: exp.Expr, *, timed: bool = False) -> Scalar:
    """Return a resolved expression as SQL text with the ids that it reads; only if ``timed`` it may read the clock."""
    if not timed:
        refuse_clock(expression)
    for node in outside_queries(expression):
        if isinstance(node, exp.Column) and not is_id(node):
            raise _unknown(node.name, generate(node))
        if is_query(node) and not node.meta.get(ROW_LOCAL):
            raise NotIncremental(
                Reason.SUBQUERY,
                "a subquery stands where it is not maintained",
                generate(node),
                advice="Make it a column of a subquery in FROM, and name that column here.",
            )
    refs = frozenset(node.name for node in expression.find_all(exp.Column) if is_id(node))
    return Scalar(generate(unwrap(expression)), refs)


def substitute(expression: exp.Expr, by_sql: Mapping[str, str]) -> exp.Expr:
    """Replace every subexpression whose text is a key by a reference to the id that is its value."""
    return rewrite(expression, lambda node: id_node(by_sql[text]) if (text := generate(node)) in by_sql else None)


def rewrite(expression: exp.Expr, change: Callable[[exp.Expr], exp.Expr | None]) -> exp.Expr:
    """Return a copy in which each topmost node that ``change`` answers for is replaced, outside of subqueries."""
    top = expression.copy()
    waiting = [top]
    while waiting:
        node = waiting.pop()
        changed = change(node)
        if changed is None:
            waiting += [] if is_query(node) else reversed(list(node.iter_expressions()))
        elif node is top:
            return changed
        else:
            node.replace(changed)
    return top


@deep(3)
def conjuncts(expression: exp.Expr) -> list[exp.Expr]:
    """Split a predicate at its top-level ANDs."""
    expression = unwrap(expression)
    if isinstance(expression, exp.And):
        return conjuncts(expression.left) + conjuncts(expression.right)
    return [expression]


def unwrap(expression: exp.Expr) -> exp.Expr:
    """Return the expression without the parentheses around it."""
    while isinstance(expression, exp.Paren):
        expression = expression.this
    return expression
