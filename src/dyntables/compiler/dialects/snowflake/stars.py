"""Stars with EXCLUDE, RENAME, REPLACE or ILIKE, and stars whose columns must be counted, become columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.read import fold
from dyntables.compiler.names import quote_qualified
from dyntables.errors import UnsupportedQueryError


class Describing(Protocol):
    """What is asked of the writer of queries."""

    def described(self, sql: str) -> Sequence[str] | None:
        """Return the columns of a query."""
        ...

    def refuse(self, node: exp.Expr, what: str, why: str, hint: str | None = None) -> UnsupportedQueryError:
        """Return the error that a construct is not carried over."""
        ...


def expanded(writer: Describing, select: exp.Select, source: str) -> list[exp.Expr]:
    """Return the items of a SELECT, stars written out where that is needed."""
    group, order = select.args.get("group"), select.args.get("order")
    counted = (
        select.args.get("qualify") is not None
        or (group is not None and bool(group.args.get("all")))
        or (order is not None and any(k.this.name.lower() == "all" for k in order.expressions))
    )
    items: list[exp.Expr] = []
    for item in select.expressions:
        star = item.this if isinstance(item, exp.Column) and isinstance(item.this, exp.Star) else item
        if isinstance(star, exp.Star) and (counted or any(star.args.values())):
            items += _columns(writer, item, star, source)
        else:
            items.append(item)
    return items


def _columns(writer: Describing, item: exp.Expr, star: exp.Star, source: str) -> list[exp.Expr]:
    table = fold(item.args["table"]) if isinstance(item, exp.Column) else None
    prefix = quote_qualified(table) + "." if table else ""
    names = writer.described(f"SELECT {prefix}*{source}")
    if names is None or len(set(names)) < len(names):
        raise writer.refuse(item, "star", "its columns cannot be told, or have the same name", "List the columns.")
    except_ = {fold(e.this if isinstance(e, exp.Column) else e) for e in star.args.get("except_") or []}
    renamed = {fold(a.this.this): fold(a.args["alias"]) for a in star.args.get("rename") or []}
    replaced = {fold(a.args["alias"]): a.this for a in star.args.get("replace") or []}
    like = star.args.get("ilike")
    unknown = (except_ | set(renamed) | set(replaced)) - set(names)
    if unknown:
        raise writer.refuse(item, "star", f'there is no column "{min(unknown)}"')
    return [
        _item(name, table, renamed.get(name), replaced.get(name))
        for name in names
        if name not in except_ and (like is None or _matches(name, like.name))
    ]


def _item(name: str, table: str | None, renamed: str | None, replaced: exp.Expr | None) -> exp.Expr:
    column: exp.Expr = exp.Column(this=_exact(name), table=_exact(table) if table else None)
    if replaced is not None:
        return exp.Alias(this=replaced.copy(), alias=_exact(renamed or name))
    return exp.Alias(this=column, alias=_exact(renamed)) if renamed else column


def _exact(name: str) -> exp.Identifier:
    identifier = exp.to_identifier(name, quoted=True)
    identifier.meta["exact"] = True
    return identifier


def _matches(name: str, pattern: str) -> bool:
    regex = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern)
    return re.fullmatch(regex, name, re.IGNORECASE | re.DOTALL) is not None
