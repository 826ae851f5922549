"""The server's canonical SQL → plan.

The text is PostgreSQL's own (``pg_get_viewdef``), so names are resolved, stars expanded and casts explicit. What this
module cannot plan it refuses with a reason; it never guesses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import reduce

from sqlglot import exp

from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.nodes import Bound, Column, Constant, Expand, Plan, Project, Scalar, SqlType
from dyntables.compiler.plan.algebra.render import from_item
from dyntables.compiler.plan.binding.budget import Budget
from dyntables.compiler.plan.binding.clauses.recursion import with_queries
from dyntables.compiler.plan.binding.clauses.select import bind_select
from dyntables.compiler.plan.binding.clauses.set_operations import bind_set_operation
from dyntables.compiler.plan.binding.scope import Scope, fragment, is_id, is_query, refuse_clock, to_scalar
from dyntables.compiler.plan.binding.values.equalities import hide_odd
from dyntables.compiler.plan.binding.values.nullability import nullable
from dyntables.compiler.plan.binding.values.scales import fixed_scale
from dyntables.compiler.plan.environment import Environment, ViewText
from dyntables.compiler.plan.text.determined import Choices
from dyntables.compiler.plan.text.dialect import generate, parse
from dyntables.compiler.reasons import HINTS, NotIncremental, Reason


@dataclass(slots=True)
class Ids:
    """Makes column ids that are unique in one plan.

    Ids name the columns of storage, so the same definition must always get the same ids: all columns of one scan share
    a number, and a column added to the source shifts none.
    """

    next: int = 0
    taken: set[str] = field(default_factory=set)

    def fresh(self, name: str) -> str:
        """Return a new id that resembles ``name``."""
        self.next += 1
        return self._free(name)

    def scan(self, names: list[str]) -> list[str]:
        """Return ids for the columns of one scan."""
        self.next += 1
        return [self._free(name) for name in names]

    def _free(self, name: str) -> str:
        stem = re.sub(r"[^a-z0-9_]", "", name.lower())[:40] or "c"
        if stem[0].isdigit() or stem.startswith("__dt"):
            stem = "c" + stem
        while f"{stem}_{self.next}" in self.taken:
            stem += "x"
        self.taken.add(f"{stem}_{self.next}")
        return f"{stem}_{self.next}"


_WITHOUT_TYPE = ("record", "unknown")  # of whose values only the query knows more
FILLER = Scalar("true", frozenset())
_VOLATILE = "Every refresh would give other values; store them in a source, or compute them in the query that reads."
_NOW = "Use now(), which is the time of the refresh, in WHERE, HAVING or ON."


def bind(view: ViewText, environment: Environment) -> Bound:
    """Plan a definition, or raise NotIncremental with the reason."""
    return Binder(environment, Ids()).view(view)


class Binder:
    """Walks one query text; nested views and subqueries share its ids."""

    def __init__(self, environment: Environment, ids: Ids) -> None:
        self.environment = environment
        self.ids = ids
        self.budget = Budget()
        self.aggregate_names: frozenset[str] = frozenset()
        self.user_aggregates: frozenset[str] = frozenset()
        self.set_returning: frozenset[str] = frozenset()
        self.odd = False
        self.own_equality = False
        self.around = Scope()
        self.choices = Choices()
        self.working: dict[str, str] = {}

    def view(self, view: ViewText) -> Bound:
        """Bind a view's text after the checks that concern it as a whole."""
        check_functions(view)
        self.budget.read(view.sql)
        tree = parse(view.sql)
        read = self.environment.canonical(generate(tree))
        # The server's own text may come back from it in another form (a list of varchar, say): so may ours.
        if not read or (read != view.sql and read != self.environment.canonical(view.sql)):
            raise NotIncremental(
                Reason.NOT_CANONICAL,
                "the parser's reading of the query differs from the server's",
                _difference(view.sql, read or generate(tree)),
            )
        self.choices.mark(tree)
        outer = self.aggregate_names, self.user_aggregates, self.set_returning, self.odd
        aggregates = [f for f in view.functions if f.kind == "a"]
        self.aggregate_names = frozenset(f.name for f in aggregates)
        self.user_aggregates = frozenset(f.name for f in aggregates if f.schema != "pg_catalog")
        self.set_returning = frozenset(f.name for f in view.functions if f.returns_set)
        self.odd = view.resolved.odd
        try:
            bound = self.query(tree, Scope())
        finally:
            self.aggregate_names, self.user_aggregates, self.set_returning, self.odd = outer
        names = tuple(name for name, _ in view.columns)
        determined, notes = self.choices.written(tree), tuple(dict.fromkeys(self.choices.notes.values()))
        return Bound(bound.plan, names, bound.outputs, determined, notes)

    @deep(16)
    def query(self, tree: exp.Expr, around: Scope) -> Bound:
        """Bind a SELECT, VALUES or set operation; ``around`` offers outer columns and WITH queries."""
        outer, self.around = self.around, around
        try:
            return self._query(tree, around)
        finally:
            self.around = outer

    def _query(self, tree: exp.Expr, around: Scope) -> Bound:
        if isinstance(tree, exp.Subquery) and tree.args.get("limit") is None:
            return self.query(tree.this, around)
        with_clause = tree.args.get("with_") or tree.args.get("with")
        if with_clause is not None:
            self.around = around = with_queries(with_clause, around)
        if isinstance(tree, exp.SetOperation):
            return bind_set_operation(self, tree, around)
        if isinstance(tree, exp.Select):
            return bind_select(self, tree, around)
        if isinstance(tree, exp.Values):
            return self.values(tree, ())
        raise NotIncremental(Reason.SYNTAX, f"{tree.key.upper()} is refreshed in full", generate(tree))

    def values(self, tree: exp.Values, names: tuple[str, ...]) -> Bound:
        """Bind rows of constants, or of subqueries."""
        if any(is_query(node) for row in tree.expressions for node in row.walk()):
            return self._asking_rows(tree, names)
        for row in tree.expressions:
            refuse_clock(row)
        rows = tree.copy()
        rows.set("alias", None)
        return self.constant(f"SELECT * FROM ({generate(rows)}) v", names)

    def _asking_rows(self, tree: exp.Values, names: tuple[str, ...]) -> Bound:
        if tree.args.get("limit") is not None or tree.args.get("offset") is not None:
            raise NotIncremental(Reason.SUBQUERY, "LIMIT or OFFSET over VALUES with a subquery", generate(tree))
        rows: list[exp.Expr] = [exp.Select(expressions=list(row.expressions)) for row in tree.expressions]
        bound = self.query(reduce(lambda a, b: exp.Union(this=a, expression=b), rows), self.around)
        return Bound(bound.plan, names or tuple(f"column{i + 1}" for i in range(len(bound.names))), bound.outputs)

    def constant(self, sql: str, names: tuple[str, ...]) -> Bound:
        """Bind a query that reads no source; unnamed columns are called as the server calls those of VALUES."""
        types = self.describe(sql)
        names = names or tuple(f"column{i + 1}" for i in range(len(types)))
        columns = tuple(Column(self.ids.fresh(n), t) for n, t in zip(names, types, strict=True))
        return Bound(Constant(f"SELECT * FROM ({sql}) c({', '.join(c.id for c in columns)})", columns), names, columns)

    def describe(self, sql: str) -> tuple[SqlType, ...]:
        """Return the types of a query's columns, which may read columns of the queries around it."""
        outer = [f"NULL::{c.type.name} AS {c.id}" for c in self.around.columns().values()]
        if outer:
            sql = f"SELECT q.* FROM (SELECT {', '.join(outer)}) o CROSS JOIN LATERAL ({sql}) q"
        # A plan that stands in a recursive term reads rows that there are only where the whole recursion is.
        read = [f"{name} AS ({types})" for name, types in self.working.items() if name in sql]
        return self.environment.describe(f"WITH {', '.join(read)} SELECT q.* FROM ({sql}) q" if read else sql)

    def condition(self, predicate: exp.Expr, scope: Scope, more: tuple[Column, ...] = ()) -> Scalar:
        """Return a condition over the columns in scope, and more."""
        if self.odd or self.own_equality:
            predicate = hide_odd(predicate, scope.columns() | {c.id: c for c in more}, every=self.odd)
        return to_scalar(predicate)

    def one_row(self) -> Constant:
        """Return a single row. SQL's has no column; a plan's has one, so that no list of columns is ever empty."""
        column = self.filler()
        return Constant(f"SELECT {FILLER.sql} AS {column.id}", (column,))

    def filler(self) -> Column:
        """Return a column for rows that have none, to be filled with ``FILLER``."""
        return Column(self.ids.fresh("row"), SqlType("boolean"), nullable=False)

    def row(self, plan: Plan, expressions: list[Scalar]) -> str:
        """Return a FROM item with the columns of a plan that expressions read, to describe them over."""
        read = frozenset[str]().union(*(e.refs for e in expressions))
        columns = [c for c in plan.columns if c.id in read]
        if any(c.type.base.startswith(_WITHOUT_TYPE) for c in columns):
            return from_item(plan, "p")
        # As the text of a plan is as long as the query below it, to parse it for each node would be quadratic.
        return f"(SELECT {', '.join(f'NULL::{c.type.name} AS {c.id}' for c in columns)}) p"

    def project(self, plan: Plan, items: list[tuple[str, exp.Expr]]) -> tuple[Plan, tuple[Column, ...]]:
        """Return a projection to the items and its columns; bare columns keep their id unless listed twice."""
        if not items:
            return Project(plan, (self.filler(),), (FILLER,)), ()
        expressions = [to_scalar(item) for _, item in items]
        known = {c.id: c for c in plan.columns}
        columns: list[Column] = []
        used: set[str] = set()
        for (name, item), expression in zip(items, expressions, strict=True):
            if is_id(item) and expression.sql in known and expression.sql not in used:
                columns.append(known[expression.sql])
                used.add(expression.sql)
            else:
                columns.append(Column(self.ids.fresh(name), SqlType("unknown"), nullable(item, known)))
        typed = self.typed(plan, columns, expressions)
        if any(self.expands(item) for _, item in items):
            return Expand(plan, typed, tuple(expressions)), typed
        return Project(plan, typed, tuple(expressions)), typed

    def expands(self, item: exp.Expr) -> bool:
        """Tell whether an item of a select list gives a set of rows."""
        return any(
            isinstance(n, exp.Unnest) or (isinstance(n, exp.Anonymous) and n.name in self.set_returning)
            for n in item.walk()
        )

    def typed(self, plan: Plan, columns: list[Column], expressions: list[Scalar]) -> tuple[Column, ...]:
        """Return the columns with the types that the server gives their expressions."""
        types = self.describe(f"SELECT {', '.join(e.sql for e in expressions)} FROM {self.row(plan, expressions)}")
        known = {c.id: c for c in plan.columns}
        return tuple(
            # The server describes a column of a domain by what that is over.
            known[c.id]
            if e.sql == c.id and c.id in known and known[c.id].type.over is not None
            else replace(c, type=replace(t, image_equal=t.image_equal or _one_scale(t, e, known)))
            for c, t, e in zip(columns, types, expressions, strict=True)
        )


def _one_scale(type_: SqlType, expression: Scalar, known: dict[str, Column]) -> bool:
    return type_.name == "numeric" and fixed_scale(fragment(expression.sql), known)


def check_functions(view: ViewText) -> None:
    """Refuse functions whose results change while their arguments do not."""
    for name in sorted(view.clock):
        raise NotIncremental(
            Reason.CURRENT_TIME, f"{name} reads another time than that of the refresh", name, advice=_NOW
        )
    for function in sorted(view.functions, key=lambda f: f.name):
        if function.volatility == "v":
            advice = _VOLATILE if function.schema == "pg_catalog" else None
            raise NotIncremental(
                Reason.VOLATILE_FUNCTION, f'function "{function.name}" is volatile', function.name, advice=advice
            )
    for name in sorted(view.session):
        raise NotIncremental(Reason.SESSION_FUNCTION, f"{name} depends on the session", name)
    for function in sorted(view.functions, key=lambda f: f.name):
        if function.steady:
            continue
        if function.may_read:
            detail = f'function "{function.name}" may read tables, whose changes would not be seen'
            raise NotIncremental(Reason.READING_FUNCTION, detail, function.name)
        if function.schema == "pg_catalog":
            name = re.sub(r"^(reg[a-z]+?)(in|out)$", r"\1", function.name)
            detail = f"what {name} gives depends on the session or the catalog, whose changes are not seen"
            raise NotIncremental(Reason.STABLE_FUNCTION, detail, name, advice=HINTS[Reason.SESSION_FUNCTION])
        detail = f'function "{function.name}" is STABLE, so what it gives may depend on the clock, a setting or a table'
        raise NotIncremental(Reason.STABLE_FUNCTION, detail, function.name)


def _difference(wanted: str, got: str) -> str:
    """Return the part of a text from where another one differs from it."""
    words, others = wanted.split(), got.split()
    same = next((n for n, (a, b) in enumerate(zip(words, others, strict=False)) if a != b), 0)
    return " ".join(words[max(same - 1, 0) : same + 4])


__all__ = ["Binder", "Bound", "bind"]
