"""The server's canonical SQL → plan.

The text is PostgreSQL's own (``pg_get_viewdef``), so names are resolved, stars expanded and casts explicit. What this
module cannot plan it refuses with a reason; it never guesses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlglot import exp

from dyntables.compiler.plan import aggregates, windows
from dyntables.compiler.plan.dialect import generate, parse
from dyntables.compiler.plan.environment import Environment, RelationInfo, RelationKind, ViewText
from dyntables.compiler.plan.nodes import (
    Aggregate,
    Column,
    Filter,
    Join,
    JoinKind,
    Plan,
    Project,
    Scalar,
    Scan,
    Source,
    SourceKind,
    SqlType,
    UnionAll,
    ref,
)
from dyntables.compiler.plan.nullability import nullable
from dyntables.compiler.plan.render import render
from dyntables.compiler.plan.scope import Scope, conjuncts, id_node, is_id, resolve, to_scalar
from dyntables.compiler.reasons import NotIncremental, Reason


@dataclass(frozen=True, slots=True)
class Bound:
    """A plan and the names of its output columns, in order."""

    plan: Plan
    names: tuple[str, ...]
    outputs: tuple[Column, ...]


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


def bind(view: ViewText, environment: Environment) -> Bound:
    """Plan a definition, or raise NotIncremental with the reason."""
    return Binder(environment, Ids()).view(view)


class Binder:
    """Walks one query text; nested views and subqueries share its ids."""

    def __init__(self, environment: Environment, ids: Ids) -> None:
        self.environment = environment
        self.ids = ids
        self.aggregate_names: frozenset[str] = frozenset()

    def view(self, view: ViewText) -> Bound:
        """Bind a view's text after the checks that concern it as a whole."""
        check_functions(view)
        tree = parse(view.sql)
        if self.environment.canonical(generate(tree)) != view.sql:
            raise NotIncremental(Reason.NOT_CANONICAL, "the parser's reading of the query differs from the server's")
        outer = self.aggregate_names
        self.aggregate_names = frozenset(f.name for f in view.functions if f.kind == "a")
        try:
            bound = self.query(tree, {})
        finally:
            self.aggregate_names = outer
        names = tuple(name for name, _ in view.columns)
        return Bound(bound.plan, names, bound.outputs)

    def query(self, tree: exp.Expr, ctes: dict[str, _Cte]) -> Bound:
        """Bind a SELECT or UNION."""
        with_clause = tree.args.get("with_") or tree.args.get("with")
        if with_clause is not None:
            if with_clause.args.get("recursive"):
                raise NotIncremental(Reason.RECURSIVE, "WITH RECURSIVE is refreshed in full")
            ctes = dict(ctes)
            for cte in with_clause.expressions:
                ctes[cte.alias] = _Cte(cte, dict(ctes))
        for clause in ("limit", "offset"):
            if tree.args.get(clause) is not None:
                raise NotIncremental(
                    Reason.LIMIT, f"{clause.upper()} is refreshed in full", generate(tree.args[clause])
                )
        if isinstance(tree, exp.Subquery):
            return self.query(tree.this, ctes)
        if isinstance(tree, exp.Union):
            return self._union(tree, ctes)
        if isinstance(tree, exp.SetOperation):
            raise NotIncremental(Reason.SET_OPERATION, f"{tree.key.upper()} is refreshed in full")
        if isinstance(tree, exp.Select):
            return self._select(tree, ctes)
        raise NotIncremental(Reason.VALUES, f"{tree.key.upper()} is refreshed in full")

    # FROM

    def _from(self, item: exp.Expr, ctes: dict[str, _Cte]) -> tuple[Plan, Scope]:
        plan, scope = self._from_base(item, ctes)
        for join in item.args.get("joins") or []:
            plan, scope = self._join(plan, scope, join, ctes)
        return plan, scope

    def _from_base(self, item: exp.Expr, ctes: dict[str, _Cte]) -> tuple[Plan, Scope]:
        if isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
            if item.args.get("sample") is not None:
                raise NotIncremental(Reason.SAMPLE, "TABLESAMPLE is refreshed in full", generate(item))
            cte = ctes.get(item.name) if not item.db else None
            if cte is not None:
                bound = self.query(cte.query, cte.ctes)
                names = cte.names or bound.names
                return bound.plan, _scope(item, names, bound.outputs)
            return self._relation(item)
        if isinstance(item, exp.Subquery):
            if isinstance(item.this, (exp.Table, exp.Subquery)) and not item.alias:
                return self._from(item.this, ctes)
            if isinstance(item.this, (exp.Select, exp.SetOperation, exp.Subquery)) and item.alias:
                bound = self.query(item.this, ctes)
                return bound.plan, _scope(item, bound.names, bound.outputs)
        if isinstance(item, exp.Lateral):
            raise NotIncremental(Reason.LATERAL, "LATERAL is refreshed in full", generate(item))
        if isinstance(item, exp.Values) or (isinstance(item, exp.Subquery) and isinstance(item.this, exp.Values)):
            raise NotIncremental(Reason.VALUES, "VALUES is refreshed in full", generate(item))
        raise NotIncremental(Reason.SET_RETURNING_FUNCTION, "a function in FROM is refreshed in full", generate(item))

    def _relation(self, item: exp.Table) -> tuple[Plan, Scope]:
        info = self.environment.relation(item.db or "pg_catalog", item.name)
        if info.view is not None and info.kind is RelationKind.VIEW:
            bound = self.view(info.view)
            return bound.plan, _scope(item, bound.names, bound.outputs)
        check_relation(info)
        ids = self.ids.scan([name for name, _, _ in info.columns])
        columns = tuple(
            Column(column_id, type_, nullable, name in info.unique_columns)
            for column_id, (name, type_, nullable) in zip(ids, info.columns, strict=True)
        )
        kind = SourceKind.DYNAMIC_TABLE if info.kind is RelationKind.DYNAMIC_TABLE else SourceKind.TABLE
        fields = tuple(name for name, _, _ in info.columns)
        scan = Scan(Source(info.oid, info.schema, info.name, kind), columns, fields)
        return scan, _scope(item, fields, columns)

    def _join(self, left: Plan, left_scope: Scope, join: exp.Join, ctes: dict[str, _Cte]) -> tuple[Plan, Scope]:
        if join.this.args.get("lateral") or isinstance(join.this, exp.Lateral):
            raise NotIncremental(Reason.LATERAL, "LATERAL is refreshed in full", generate(join))
        right, right_scope = self._from(join.this, ctes)
        side = (join.side or "").upper()
        scope = left_scope.join(right_scope)
        predicates: list[exp.Expr] = []
        for identifier in join.args.get("using") or []:
            name = identifier.name
            a, b = left_scope.bare(name), right_scope.bare(name)
            predicates.append(exp.EQ(this=a.copy(), expression=b.copy()))
            merged = {"RIGHT": b, "FULL": exp.Anonymous(this="COALESCE", expressions=[a.copy(), b.copy()])}.get(side, a)
            scope.merged[name] = merged
        if join.args.get("on") is not None:
            predicates += conjuncts(resolve(join.args["on"], scope))
        on = tuple(to_scalar(p) for p in predicates)
        if side == "RIGHT":
            return Join(JoinKind.LEFT, right, left, on), scope
        kind = {"LEFT": JoinKind.LEFT, "FULL": JoinKind.FULL}.get(side, JoinKind.INNER)
        return Join(kind, left, right, on), scope

    # SELECT

    def _select(self, tree: exp.Select, ctes: dict[str, _Cte]) -> Bound:
        from_clause = tree.args.get("from_") or tree.args.get("from")
        if from_clause is None:
            raise NotIncremental(Reason.NO_SOURCE, "a SELECT without FROM has no source to follow", generate(tree))
        plan, scope = self._from(from_clause.this, ctes)
        for join in tree.args.get("joins") or []:
            plan, scope = self._join(plan, scope, join, ctes)
        if tree.args.get("where") is not None:
            predicates = conjuncts(resolve(tree.args["where"].this, scope))
            plan = Filter(plan, tuple(to_scalar(p) for p in predicates))
        distinct = tree.args.get("distinct")
        if distinct is not None and distinct.args.get("on") is not None:
            raise NotIncremental(Reason.DISTINCT_ON, "DISTINCT ON is refreshed in full", generate(distinct))

        names = tuple(item.alias_or_name or "?column?" for item in tree.expressions)
        items = [resolve(item.unalias(), scope) for item in tree.expressions]
        having = tree.args["having"].this if tree.args.get("having") is not None else None
        having = resolve(having, scope) if having is not None else None
        items = [windows.name_windows(i, tree, scope) for i in items]

        grouped = aggregates.bind_grouping(self, tree, plan, scope, items, having)
        if grouped is not None:
            plan, items, having = grouped
            if having is not None:
                plan = Filter(plan, tuple(to_scalar(p) for p in conjuncts(having)))
        plan, items = windows.bind_windows(self, plan, items)
        plan, outputs = self.project(plan, list(zip(names, items, strict=True)))
        if distinct is not None:
            plan = Aggregate(plan, tuple(dict.fromkeys(c.id for c in outputs)), ())
        return Bound(plan, names, outputs)

    def project(self, plan: Plan, items: list[tuple[str, exp.Expr]]) -> tuple[Plan, tuple[Column, ...]]:
        """Return a projection to the items and its columns; bare columns keep their id unless listed twice."""
        expressions = [to_scalar(item) for _, item in items]
        known = {c.id: c for c in plan.columns}
        columns: list[Column] = []
        used: set[str] = set()
        for (name, item), expression in zip(items, expressions, strict=True):
            if is_id(item) and expression.sql not in used:
                columns.append(known[expression.sql])
                used.add(expression.sql)
            else:
                columns.append(Column(self.ids.fresh(name), SqlType("unknown"), nullable(item, known)))
        typed = self.typed(plan, columns, expressions)
        return Project(plan, typed, tuple(expressions)), typed

    def typed(self, plan: Plan, columns: list[Column], expressions: list[Scalar]) -> tuple[Column, ...]:
        """Return the columns with the types that the server gives their expressions."""
        draft = Project(plan, tuple(columns), tuple(expressions))
        types = self.environment.describe(render(draft))
        return tuple(Column(c.id, t, c.nullable, c.unique) for c, t in zip(columns, types, strict=True))

    def _union(self, tree: exp.Union, ctes: dict[str, _Cte]) -> Bound:
        left = self.query(tree.left, ctes)
        right = self.query(tree.right, ctes)
        text = f"SELECT * FROM ({_positional(left)}) a UNION ALL SELECT * FROM ({_positional(right)}) b"
        types = self.environment.describe(text)
        columns = tuple(
            Column(self.ids.fresh(name), type_, a.nullable or b.nullable)
            for name, type_, a, b in zip(left.names, types, left.outputs, right.outputs, strict=True)
        )
        branches = tuple(_cast_to(bound, columns) for bound in (left, right))
        plan: Plan = UnionAll(branches, columns)
        if tree.args.get("distinct"):
            plan = Aggregate(plan, tuple(c.id for c in columns), ())
        return Bound(plan, left.names, columns)


class _Cte:
    """A WITH query, bound anew at every reference."""

    def __init__(self, cte: exp.CTE, ctes: dict[str, _Cte]) -> None:
        self.query = cte.this
        self.ctes = ctes
        self.names = tuple(i.name for i in (cte.args["alias"].args.get("columns") or []))


def check_functions(view: ViewText) -> None:
    """Refuse functions whose results change while their arguments do not."""
    for function in sorted(view.functions, key=lambda f: f.name):
        if function.volatility == "v":
            raise NotIncremental(Reason.VOLATILE_FUNCTION, f'function "{function.name}" is volatile', function.name)
        if function.returns_set:
            raise NotIncremental(
                Reason.SET_RETURNING_FUNCTION, f'set-returning function "{function.name}"', function.name
            )
    if view.uses_clock:
        raise NotIncremental(Reason.CURRENT_TIME, "the query reads the current time")
    if view.uses_session:
        raise NotIncremental(Reason.SESSION_FUNCTION, "the query depends on the session or user")


def check_relation(info: RelationInfo) -> None:
    """Refuse relations whose changes cannot be captured."""
    name = f'"{info.schema}.{info.name}"'
    refused = {
        RelationKind.MATERIALIZED_VIEW: (Reason.MATERIALIZED_VIEW, f"materialized view {name} has no change capture"),
        RelationKind.FOREIGN_TABLE: (Reason.FOREIGN_TABLE, f"foreign table {name} has no change capture"),
        RelationKind.SYSTEM_TABLE: (Reason.SYSTEM_TABLE, f"system relation {name} has no change capture"),
    }
    if info.kind in refused:
        raise NotIncremental(*refused[info.kind], info.name)
    if info.inherited:
        raise NotIncremental(Reason.INHERITANCE, f"table {name} has inheritance children", info.name)
    if info.row_security:
        raise NotIncremental(Reason.ROW_SECURITY, f"table {name} has row-level security", info.name)


def _scope(item: exp.Expr, names: tuple[str, ...], columns: tuple[Column, ...]) -> Scope:
    alias = item.args.get("alias")
    renamed = [i.name for i in (alias.args.get("columns") or [])] if alias is not None else []
    visible = renamed + list(names[len(renamed) :])
    scope = Scope()
    scope.add(item.alias or item.name, dict(zip(visible, columns, strict=True)))
    return scope


def _positional(bound: Bound) -> str:
    return render(
        Project(
            bound.plan,
            tuple(Column(f"u_{i}", c.type) for i, c in enumerate(bound.outputs)),
            tuple(ref(c.id) for c in bound.outputs),
        )
    )


def _cast_to(bound: Bound, columns: tuple[Column, ...]) -> Plan:
    expressions = tuple(
        ref(b.id) if b.type.name == c.type.name else Scalar(f"CAST({b.id} AS {c.type.name})", frozenset({b.id}))
        for b, c in zip(bound.outputs, columns, strict=True)
    )
    return Project(bound.plan, columns, expressions)


__all__ = ["Binder", "Bound", "bind", "id_node"]
