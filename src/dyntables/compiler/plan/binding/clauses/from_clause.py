"""FROM: relations, views, WITH queries, subqueries, functions and joins → a plan and the names it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.plan.algebra.nodes import (
    Apply,
    Bound,
    Column,
    Join,
    JoinKind,
    Plan,
    Scan,
    Source,
    SourceKind,
    free_ids,
)
from dyntables.compiler.plan.binding.clauses.filters import filter_rows
from dyntables.compiler.plan.binding.clauses.recursion import bind_with_query, bind_working
from dyntables.compiler.plan.binding.joins.lateral import join_apply, join_lateral
from dyntables.compiler.plan.binding.joins.outer_joins import Side, join_padded
from dyntables.compiler.plan.binding.scope import Scope, Working, conjuncts, is_query, resolve
from dyntables.compiler.plan.binding.subqueries.row_queries import (
    alias_columns,
    bind_function,
    bind_row_query,
    is_row_local,
)
from dyntables.compiler.plan.environment import RelationInfo, RelationKind
from dyntables.compiler.plan.text.dialect import generate
from dyntables.compiler.reasons import NotIncremental, Reason, placed

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder

_REFUSED = {
    RelationKind.MATERIALIZED_VIEW: (Reason.MATERIALIZED_VIEW, "materialized view"),
    RelationKind.FOREIGN_TABLE: (Reason.FOREIGN_TABLE, "foreign table"),
    RelationKind.SYSTEM_TABLE: (Reason.SYSTEM_TABLE, "system relation"),
}
_OBSTACLES = {
    Reason.FOREIGN_TABLE: "has a foreign table as partition",
    Reason.INHERITANCE: "has inheritance children",
    Reason.PARTITION: "is a partition or an inheritance child: what is written through its parent fires no "
    "trigger of it",
    Reason.ROW_SECURITY: "has row-level security",
    Reason.SUBSCRIPTION: "is written by a subscription, which fires no statement triggers",
    Reason.UNLOGGED_TABLE: "is unlogged",
}


def bind_from(binder: Binder, tree: exp.Select, around: Scope) -> tuple[Plan, Scope]:
    """Bind the FROM clause of a SELECT; without one there is a single row without columns."""
    clause = tree.args.get("from_") or tree.args.get("from")
    binder.budget.spend(1 + len(tree.args.get("joins") or []))
    if clause is None:
        return binder.one_row(), around.below()
    plan, scope = _item(binder, clause.this, around)
    for join in tree.args.get("joins") or []:
        plan, scope = _join(binder, plan, scope, join)
    return plan, scope


def _item(binder: Binder, item: exp.Expr, around: Scope) -> tuple[Plan, Scope]:
    binder.budget.spend(len(item.args.get("joins") or []))
    plan, scope = _base(binder, item, around)
    for join in item.args.get("joins") or []:
        plan, scope = _join(binder, plan, scope, join)
    return plan, scope


def _base(binder: Binder, item: exp.Expr, around: Scope) -> tuple[Plan, Scope]:
    if isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
        if item.args.get("sample") is not None:
            raise NotIncremental(Reason.SAMPLE, "TABLESAMPLE is refreshed in full", "TABLESAMPLE")
        cte = around.ctes.get(item.name) if not item.db else None
        if isinstance(cte, Working):
            return _offer(item, bind_working(binder, cte), around)
        if cte is not None:
            return _offer(item, bind_with_query(binder, item.name, cte), around)
        return _offer(item, _relation(binder, item), around)
    if isinstance(item, exp.Subquery) and not item.alias:
        return _item(binder, item.this, around)
    values = item.this if isinstance(item, exp.Table) else item
    if isinstance(values, exp.Values):
        return _offer(item, binder.values(values, alias_columns(item)), around)
    if isinstance(item, exp.Subquery) and is_query(item.this):
        return _offer(item, binder.query(item.this, around), around)
    if isinstance(item, exp.Subquery):
        raise NotIncremental(Reason.SYNTAX, "a join in parentheses has an alias of its own", item.alias)
    return _offer(item, bind_function(binder, item), around)


# Functions that the server writes without parentheses, and so without a schema, in FROM too.
_BARE = {"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP"}


def _relation(binder: Binder, item: exp.Table) -> Bound:
    if not item.db and item.name in _BARE:
        raise NotIncremental(Reason.SYNTAX, f"{item.name} in FROM", item.name)
    info = binder.environment.relation(item.db or "pg_catalog", item.name)
    if info.view is not None and info.kind is RelationKind.VIEW:
        bound = binder.view(info.view)
        if bound.determined is not None:
            binder.choices.views[item.db, item.name] = bound.determined
        return bound
    _check(info)
    if not info.columns:
        raise NotIncremental(Reason.NO_COLUMNS, f'"{info.schema}.{info.name}" has no columns', info.name)
    if item.args.get("only"):
        detail = f'ONLY leaves out the partitions of "{info.schema}.{info.name}"'
        raise NotIncremental(
            Reason.INHERITANCE, detail, "ONLY", advice="Leave ONLY out, or read a partition by its name."
        )
    ids = binder.ids.scan([name for name, _, _ in info.columns])
    columns = tuple(
        Column(column_id, type_, nullable, name in info.unique_columns)
        for column_id, (name, type_, nullable) in zip(ids, info.columns, strict=True)
    )
    binder.own_equality |= any(c.type.equals != "=" for c in columns)
    kind = SourceKind.DYNAMIC_TABLE if info.kind is RelationKind.DYNAMIC_TABLE else SourceKind.TABLE
    fields = tuple(name for name, _, _ in info.columns)
    return Bound(Scan(Source(info.oid, info.schema, info.name, kind), columns, fields), fields, columns)


def _check(info: RelationInfo) -> None:
    """Refuse relations whose changes cannot be captured."""
    name = f'"{info.schema}.{info.name}"'
    if info.kind in _REFUSED:
        reason, kind = _REFUSED[info.kind]
        raise NotIncremental(reason, f"{kind} {name} has no change capture", info.name)
    if info.obstacle is not None:
        raise NotIncremental(info.obstacle, f"table {name} {_OBSTACLES[info.obstacle]}", info.name)


def _join(binder: Binder, left: Plan, left_scope: Scope, join: exp.Join) -> tuple[Plan, Scope]:
    side = (join.side or "").upper()
    kind = {"LEFT": JoinKind.LEFT, "FULL": JoinKind.FULL}.get(side, JoinKind.INNER)
    if isinstance(join.this, exp.Lateral) and is_row_local(join.this.this):
        query, names, columns = bind_row_query(binder, join.this, left_scope)
        scope = left_scope.join(_names(join.this, names, columns, left_scope))
        return join_apply(binder, Apply(kind, left, query, columns, ()), scope, _on(join, scope)), scope
    if isinstance(join.this, exp.Lateral):
        right, right_scope = _offer(join.this, binder.query(join.this.this, left_scope), left_scope)
    else:
        # Inside parentheses there may be a LATERAL that reads what stands to the left of them.
        right, right_scope = _item(binder, join.this, left_scope)
    scope = left_scope.join(right_scope)
    predicates = _using(join, side, left_scope, right_scope, scope) + _on(join, scope)
    if free_ids(right) & {c.id for c in left.columns}:
        with placed(generate(join.this)):
            return join_lateral(binder, kind, left, right, scope, predicates), scope
    if kind is JoinKind.INNER and side != "RIGHT":
        return filter_rows(binder, Join(kind, left, right, ()), scope, predicates), scope
    sides = Side(left, left_scope), Side(right, right_scope)
    if side == "RIGHT":
        return join_padded(binder, JoinKind.LEFT, sides[1], sides[0], scope, predicates), scope
    return join_padded(binder, kind, *sides, scope, predicates), scope


def _on(join: exp.Join, scope: Scope) -> list[exp.Expr]:
    on = join.args.get("on")
    return conjuncts(resolve(on, scope)) if on is not None else []


def _using(join: exp.Join, side: str, left: Scope, right: Scope, scope: Scope) -> list[exp.Expr]:
    """Return the equalities of USING, and let the scope know its merged columns."""
    predicates: list[exp.Expr] = []
    for identifier in join.args.get("using") or []:
        name = identifier.name
        a, b = left.bare(name), right.bare(name)
        predicates.append(exp.EQ(this=a.copy(), expression=b.copy()))
        both = exp.Anonymous(this="COALESCE", expressions=[a.copy(), b.copy()])
        scope.merged[name] = {"RIGHT": b, "FULL": both}.get(side, a)
    return predicates


def _offer(item: exp.Expr, bound: Bound, around: Scope) -> tuple[Plan, Scope]:
    return bound.plan, _names(item, bound.names, bound.outputs, around)


def _names(item: exp.Expr, names: tuple[str, ...], columns: tuple[Column, ...], around: Scope) -> Scope:
    renamed = alias_columns(item)
    visible = (*renamed, *names[len(renamed) :]) if len(renamed) <= len(names) else names
    scope = around.below()
    scope.add(item.alias or item.name, dict(zip(visible, columns, strict=True)))
    return scope
