"""GROUP BY, aggregates and HAVING of one SELECT → an Aggregate node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from dyntables.compiler.depth import deep
from dyntables.compiler.plan.algebra.nodes import (
    Aggregate,
    AggregateCall,
    Column,
    Merge,
    Plan,
    SqlType,
    one_of,
)
from dyntables.compiler.plan.binding.clauses.grouping_sets import group_by_sets, groupings, replace_grouping
from dyntables.compiler.plan.binding.scope import Scope, is_id, is_query, resolve, substitute, to_scalar, unwrap
from dyntables.compiler.plan.binding.subqueries.outer_calls import PARTS, is_aggregate, outer_calls, replace_calls
from dyntables.compiler.plan.binding.subqueries.subqueries import attach
from dyntables.compiler.plan.binding.values.keys import project_keys
from dyntables.compiler.plan.binding.values.scales import INTEGERS, fixed_scale
from dyntables.compiler.plan.text.dialect import generate
from dyntables.compiler.reasons import NotIncremental, Reason

if TYPE_CHECKING:
    from dyntables.compiler.plan.binding.bind import Binder


def bind_grouping(
    binder: Binder,
    tree: exp.Select,
    plan: Plan,
    scope: Scope,
    items: list[exp.Expr],
    having: exp.Expr | None,
) -> tuple[Plan, list[exp.Expr], exp.Expr | None] | None:
    """Return the grouped plan and the items over it, or None where the SELECT does not group."""
    group = tree.args.get("group")
    parts = [*items, *([having] if having is not None else [])]
    lifted = outer_calls(parts, scope, binder.aggregate_names)
    calls = _distinct_calls([*parts, *(call for _, call in lifted)], binder.aggregate_names)
    if group is None and not calls and having is None:
        return None
    sets = groupings(group)
    plain = list(group.expressions) if group is not None else []
    written = [k for s in sets for k in s] if sets is not None else plain
    plan, keys = _bind_keys(binder, plan, scope, written)
    call_ids = {generate(call): binder.ids.fresh(_call_name(call)) for call in calls}
    replace_calls(lifted, call_ids)
    for number, call in enumerate(calls):
        plan, calls[number] = attach(binder, plan, scope, call)
    aggregated = _calls(binder, plan, calls, list(call_ids.values()))
    if lifted:
        scope.add("", {c.column.id: c.column for c in aggregated})
    grouping = _Grouping(plan, keys, call_ids, aggregated)
    if sets is None:
        grouped, parts = _group_by_keys(grouping, parts, scope)
    else:
        texts = [[generate(unwrap(resolve(k, scope))) for k in s] for s in sets]
        if lifted or not keys.keys() >= {text for s in texts for text in s}:
            raise NotIncremental(Reason.GROUPING_SETS, "grouping sets of a query that is read or reads inside another")
        grouped, parts = _group_by_sets(binder, grouping, parts, [[keys[text] for text in s] for s in texts])
    return grouped, parts[: len(items)], parts[len(items)] if having is not None else None


@dataclass(frozen=True, slots=True)
class _Grouping:
    """What is grouped, and by what: the ids of keys and of aggregates by their text."""

    plan: Plan
    keys: dict[str, str]
    call_ids: dict[str, str]
    calls: tuple[AggregateCall, ...]

    def over(
        self, parts: list[exp.Expr], sets: list[list[str]], number: str, renamed: dict[str, str]
    ) -> list[exp.Expr]:
        """Return expressions over the groups; ``number`` says which of the sets of keys a group belongs to."""
        calls, keys = ({text: renamed.get(i, i) for text, i in known.items()} for known in (self.call_ids, self.keys))
        counted = (replace_grouping(p, self.keys, sets, number) for p in parts)
        return [substitute(substitute(p, calls), keys) for p in counted]


def _group_by_sets(
    binder: Binder, grouping: _Grouping, parts: list[exp.Expr], sets: list[list[str]]
) -> tuple[Plan, list[exp.Expr]]:
    grouped = group_by_sets(binder, grouping.plan, sets, grouping.calls)
    return grouped.plan, grouping.over(parts, sets, grouped.number, grouped.ids)


def _group_by_keys(grouping: _Grouping, parts: list[exp.Expr], scope: Scope) -> tuple[Plan, list[exp.Expr]]:
    key_ids = list(grouping.keys.values())
    # Of a plain GROUP BY every GROUPING(…) is 0.
    parts = grouping.over(parts, [key_ids], "0", {})
    dependent = [i for i in dict.fromkeys(_dependent(parts, grouping.plan, scope)) if i not in key_ids]
    known = {c.id: c for c in grouping.plan.columns}
    single = [i for i in dependent if not known[i].type.groupable]
    grouped_by = (*dict.fromkeys(key_ids), *(i for i in dependent if i not in single))
    free = (replace(known[i], type=known[i].type.without_checks) for i in single)
    only = (AggregateCall(c, one_of(c), Merge.RECOMPUTE) for c in free)
    return Aggregate(grouping.plan, grouped_by, (*grouping.calls, *only)), parts


def _bind_keys(binder: Binder, plan: Plan, scope: Scope, written: list[exp.Expr]) -> tuple[Plan, dict[str, str]]:
    """Return the plan with the keys among its columns, and the id of each key by its text."""
    keys = {generate(k): k for k in (unwrap(resolve(w, scope)) for w in written)}
    for text, key in keys.items():
        plan, keys[text] = attach(binder, plan, scope, key)
    keys = _own(keys, plan)
    plan, ids = project_keys(binder, plan, list(keys.values()))
    return plan, dict(zip(keys, ids, strict=True))


def _own(keys: dict[str, exp.Expr], plan: Plan) -> dict[str, exp.Expr]:
    """Leave out the keys that read outer columns only, which are the same in every row; one key stays one."""
    ids = {c.id for c in plan.columns}
    refs = {text: to_scalar(key).refs for text, key in keys.items()}
    own = {text: key for text, key in keys.items() if not refs[text] or refs[text] & ids}
    return own if own or not keys else {"true": exp.true()}


def _dependent(parts: list[exp.Expr], plan: Plan, scope: Scope) -> list[str]:
    """Return the columns that stand outside of aggregates: they depend on the keys, and so are keys as well."""
    own = {c.id for c in plan.columns}
    found = []
    for part in parts:
        for node in part.walk():
            inner = (
                isinstance(node, exp.Column) and not is_id(node) and bool(node.table) and node.table in scope.entries
            )
            column = scope.resolve(node) if inner and isinstance(node, exp.Column) else node
            if is_id(column) and column.name in own:
                found.append(column.name)
    return found


def _distinct_calls(parts: list[exp.Expr], names: frozenset[str]) -> list[exp.Expr]:
    found: dict[str, exp.Expr] = {}

    @deep(2)
    def visit(node: exp.Expr, windowed: bool) -> None:
        if not windowed and is_aggregate(node, names):
            found.setdefault(generate(node), node)
            return
        if is_query(node):
            return
        if isinstance(node, exp.Window):
            for key, value in node.args.items():
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, exp.Expr):
                        visit(child, key == "this")
            return
        inner = windowed and isinstance(node, PARTS)
        for child in node.iter_expressions():
            visit(child, inner and child is (node.expression if isinstance(node, exp.Dot) else node.this))

    for part in parts:
        visit(part, windowed=False)
    return list(found.values())


def _calls(binder: Binder, plan: Plan, calls: list[exp.Expr], ids: list[str]) -> tuple[AggregateCall, ...]:
    if not calls:
        return ()
    scalars = [to_scalar(c) for c in calls]
    parts = [_parts(c) for c in calls]
    arguments = [a for _, a, _ in parts if a is not None]
    described = ", ".join([s.sql for s in scalars])
    source = binder.row(plan, scalars)
    types = binder.describe(f"SELECT {described} FROM {source}")
    argument_types = (
        iter(binder.describe(f"SELECT {', '.join(to_scalar(a).sql for a in arguments)} FROM {source}"))
        if arguments
        else iter(())
    )
    known = {c.id: c for c in plan.columns}
    result = []
    for call_id, scalar, type_, (name, argument, condition) in zip(ids, scalars, types, parts, strict=True):
        argument_type = next(argument_types) if argument is not None else None
        merge = _merge(name, argument, argument_type, known)
        column = Column(call_id, type_, nullable=merge is not Merge.COUNT)
        result.append(
            AggregateCall(
                column,
                scalar,
                merge,
                to_scalar(argument) if argument is not None else None,
                to_scalar(condition) if condition is not None else None,
                argument_type,
                varying=argument is not None
                and argument_type is not None
                and argument_type.base not in INTEGERS
                and not fixed_scale(argument, known),
            )
        )
    return tuple(result)


def _parts(call: exp.Expr) -> tuple[str, exp.Expr | None, exp.Expr | None]:
    """Return (function name, single plain argument, FILTER condition); the name is empty if it cannot be merged."""
    condition = None
    if isinstance(call, exp.Filter):
        condition = call.expression.this
        call = call.this
    if not isinstance(call, exp.Anonymous) or len(call.expressions) > 1:
        return "", None, condition
    name = str(call.this).lower()
    if not call.expressions or isinstance(call.expressions[0], exp.Star):
        return name, None, condition
    argument = call.expressions[0]
    if isinstance(argument, (exp.Distinct, exp.Order, exp.Ordered)):
        return "", None, condition
    return name, argument, condition


def _merge(name: str, argument: exp.Expr | None, type_: SqlType | None, known: dict[str, Column]) -> Merge:
    if name == "count":
        return Merge.COUNT
    if argument is None or type_ is None:
        return Merge.RECOMPUTE
    if name == "sum" and (type_.base in INTEGERS or type_.base == "numeric"):
        return Merge.SUM
    if name == "avg" and (type_.base in INTEGERS or (type_.base == "numeric" and fixed_scale(argument, known))):
        return Merge.AVG
    if name in ("min", "max") and type_.groupable:
        return Merge.MIN if name == "min" else Merge.MAX
    if name in ("bool_and", "every", "bool_or"):
        return Merge.BOOL_OR if name == "bool_or" else Merge.BOOL_AND
    return Merge.RECOMPUTE


def _call_name(call: exp.Expr) -> str:
    name, argument, _ = _parts(call)
    suffix = f"_{argument.name.rsplit('_', 1)[0]}" if argument is not None and is_id(argument) else ""
    return f"{name or 'agg'}{suffix}"
