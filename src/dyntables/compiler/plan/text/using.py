"""``JOIN … USING`` in the server's own text → ``JOIN … ON``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from dyntables.compiler.names import quote_qualified
from dyntables.compiler.plan.environment import Environment
from dyntables.compiler.plan.text.dialect import generate
from dyntables.compiler.reasons import NotIncremental, Reason


@dataclass(frozen=True, slots=True)
class Sides:
    """The columns that a USING merges, as each side names them, and what stands for the merged one."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    merged: dict[str, str]


def sides_of(join: exp.Join, environment: Environment) -> Sides:
    """Return the sides of a USING.

    Raises:
        NotIncremental: it is not known which item has a column.
    """
    names = [i.name for i in join.args["using"]]
    left = tuple(_column(n, list(_left_of(join)), environment) for n in names)
    right = tuple(_column(n, list(_items(join.this)), environment) for n in names)
    both = (f"COALESCE({a}, {b})" for a, b in zip(left, right, strict=True))
    side = (join.side or "").upper()
    merged = {"RIGHT": right, "FULL": both}.get(side, left)
    return Sides(left, right, dict(zip(names, merged, strict=True)))


def open_using(join: exp.Join, sides: Sides, condition: str) -> None:
    """Write a join with a condition, and in its query the merged columns, which the server names without a table."""
    query = join.find_ancestor(exp.Select)
    join.set("using", None)
    join.set("on", exp.Var(this=condition))
    for column in list(query.find_all(exp.Column)) if query is not None else []:
        if column.table or column.name not in sides.merged:
            continue
        value: exp.Expr = exp.Var(this=sides.merged[column.name])
        if column.parent is query and column.arg_key == "expressions":
            value = exp.alias_(value, column.name, quoted=True)
        column.replace(value)


def _left_of(join: exp.Join) -> Iterator[exp.Expr]:
    holder = join.parent
    assert holder is not None
    clause: exp.Expr | None = holder.args.get("from_") or holder.args.get("from")
    first = clause.this if clause is not None else holder
    yield from _items(first, joined=isinstance(holder, exp.Select))
    for other in holder.args["joins"]:
        if other is join:
            return
        yield from _items(other.this)


def _items(item: exp.Expr, *, joined: bool = True) -> Iterator[exp.Expr]:
    """Yield what has an alias in an item of FROM, from left to right."""
    if isinstance(item, exp.Subquery) and not item.alias:
        yield from _items(item.this)
    else:
        yield item
    for join in (item.args.get("joins") or []) if joined else []:
        yield from _items(join.this)


def _column(name: str, items: list[exp.Expr], environment: Environment) -> str:
    for item in items:
        if name in _names(item, environment):
            return quote_qualified(item.alias_or_name, name)
    raise NotIncremental(Reason.SYNTAX, f'it is not known which table has the column "{name}" of USING', name)


def _names(item: exp.Expr, environment: Environment) -> list[str]:
    """Return the columns of an item under its alias."""
    alias = item.args.get("alias")
    renamed = [c.name for c in alias.args.get("columns") or []] if alias is not None else []
    return renamed + _own_names(item, environment)[len(renamed) :]


def _own_names(item: exp.Expr, environment: Environment) -> list[str]:
    if isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
        query = None if item.db else _with_query(item)
        if query is not None:
            return _names(query, environment)
        return [name for name, _, _ in environment.relation(item.db or "pg_catalog", item.name).columns]
    if isinstance(item, (exp.Subquery, exp.Lateral, exp.CTE)):
        return _outputs(item.this)
    return []


def _with_query(table: exp.Table) -> exp.Expr | None:
    above = table.parent
    while above is not None:
        clause = above.args.get("with_") or above.args.get("with")
        queries: list[exp.Expr] = clause.expressions if clause is not None else []
        found = next((c for c in queries if c.alias == table.name), None)
        if found is not None:
            return found
        above = above.parent
    return None


def _outputs(query: exp.Expr) -> list[str]:
    while isinstance(query, (exp.SetOperation, exp.Subquery)):
        query = query.this
    if isinstance(query, exp.Select):
        return [e.alias_or_name for e in query.expressions]
    if isinstance(query, exp.Values):
        return [f"column{n}" for n, _ in enumerate(query.expressions[0].expressions, 1)]
    raise NotIncremental(Reason.SYNTAX, "the columns of a query are not known", generate(query))
