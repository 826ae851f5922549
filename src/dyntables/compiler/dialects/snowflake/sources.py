"""FROM: tables, joins, subqueries, VALUES and FLATTEN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.expressions import Expressions
from dyntables.compiler.dialects.snowflake.flatten import flatten_alias, flatten_call, flattened
from dyntables.compiler.dialects.snowflake.read import fold
from dyntables.compiler.names import quote_qualified


class Querying(Protocol):
    """What is asked of the writer of queries."""

    variants: set[str]

    def query(self, node: exp.Expr) -> str:
        """Return a query."""
        ...


@dataclass(slots=True)
class Sources:
    """Writes the FROM of one SELECT."""

    queries: Querying
    expressions: Expressions
    number: int = 0

    def clause(self, select: exp.Select) -> str:
        """Return FROM and its joins, or nothing."""
        from_ = select.args.get("from_")
        if from_ is None:
            return ""
        out = f" FROM {self._item(from_.this)}"
        for join in select.args.get("joins") or []:
            out += self._join(join)
        self._check_stars(select)
        return out

    def _check_stars(self, select: exp.Select) -> None:
        """Refuse a star over FLATTEN, which would lack columns."""
        sources = [select.args["from_"].this, *(j.this for j in select.args.get("joins") or [])]
        flattened = any(flatten_call(s) is not None for s in sources)
        for item in select.expressions:
            bare = isinstance(item, exp.Star) and flattened
            own = isinstance(item, exp.Column) and isinstance(item.this, exp.Star) and item.table
            if bare or (own and fold(item.args["table"]) in self.queries.variants):
                raise self.expressions.refuse(
                    item, "star over FLATTEN", "SEQ and PATH are missing", "List the columns."
                )

    def _join(self, join: exp.Join) -> str:
        args = join.args
        method, side, kind = (str(args.get(n) or "").upper() for n in ("method", "side", "kind"))
        if method not in ("", "NATURAL") or kind not in ("", "INNER", "OUTER", "CROSS"):
            raise self.expressions.refuse(join, f"{method or kind} JOIN", "it has no counterpart")
        if flatten_call(join.this) is not None:
            return self._flatten(join, side)
        item = self._item(join.this)
        on, using = args.get("on"), args.get("using")
        if not (method or side or kind or on or using):
            return f", {item}"
        words = " ".join(w for w in (method, side, "" if kind == "OUTER" else kind, "JOIN") if w)
        tail = ""
        if on is not None:
            tail = f" ON {self.expressions.expression(on)}"
        elif using:
            names = [fold(u.this if isinstance(u, exp.Column) else u) for u in using]
            tail = f" USING ({', '.join(quote_qualified(n) for n in names)})"
        return f" {words} {item}{tail}"

    def _flatten(self, join: exp.Join, side: str) -> str:
        item, outer = self._flattened(join.this)
        on = join.args.get("on")
        if side not in ("", "LEFT") or join.args.get("using"):
            raise self.expressions.refuse(join, f"{side} JOIN of FLATTEN", "it reads what is before it")
        if on is None or (isinstance(on, exp.Boolean) and on.this):
            return f" LEFT JOIN {item} ON TRUE" if outer or side else f" CROSS JOIN {item}"
        if outer:
            raise self.expressions.refuse(join, "FLATTEN (OUTER => TRUE) with ON", "it would filter twice")
        return f" {'LEFT ' if side else ''}JOIN {item} ON {self.expressions.expression(on)}"

    def _flattened(self, item: exp.Expr) -> tuple[str, bool]:
        self.number += 1
        alias = flatten_alias(item, self.number)
        self.queries.variants.add(alias)
        return flattened(self.expressions, item, alias)

    def _item(self, item: exp.Expr) -> str:
        if flatten_call(item) is not None:
            text, outer = self._flattened(item)
            if outer:
                raise self.expressions.refuse(item, "FLATTEN (OUTER => TRUE)", "there is nothing before it")
            return text
        match item:
            case exp.Table():
                return self._table(item)
            case exp.Subquery() if isinstance(item.this, exp.Table):
                joined = self._item(item.this) + "".join(self._join(j) for j in item.this.args.get("joins") or [])
                return f"({joined})" + (self._alias(item) if item.args.get("alias") is not None else "")
            case exp.Subquery():
                return f"({self.queries.query(item.this)}){self._alias(item)}"
            case exp.Values():
                rows = ", ".join(self.expressions.expression(row) for row in item.expressions)
                return f"(VALUES {rows}){self._alias(item)}"
            case exp.Lateral() if isinstance(item.this, exp.Subquery):
                return f"LATERAL ({self.queries.query(item.this.this)}){self._alias(item)}"
        what = str(item.this.this).upper() if isinstance(item.this, exp.Anonymous) else item.key.upper()
        raise self.expressions.refuse(item, what, "it cannot stand in FROM")

    def _table(self, item: exp.Table) -> str:
        if not isinstance(item.this, exp.Identifier):
            raise self._no_table(item)
        parts = [p for p in (item.args.get("catalog"), item.args.get("db"), item.this) if p is not None]
        alias = self._alias(item) if item.args.get("alias") is not None else ""
        return quote_qualified(*(fold(p) for p in parts)) + alias

    def _no_table(self, item: exp.Table) -> Exception:
        called = item.this
        if isinstance(called, exp.Anonymous):
            inner = called.expressions[0] if called.expressions else called
            name = str(inner.this if isinstance(inner, exp.Anonymous) else called.this).upper()
            return self.expressions.refuse(called, name, "it cannot stand in FROM")
        return self.expressions.refuse(item, "stage", "there are no staged files")

    def _alias(self, item: exp.Expr) -> str:
        alias = item.args.get("alias")
        if alias is None or alias.this is None:
            self.number += 1
            return f" AS dt_from_{self.number}"
        columns = ", ".join(quote_qualified(fold(c)) for c in alias.args.get("columns") or [])
        return f" AS {quote_qualified(fold(alias.this))}" + (f" ({columns})" if columns else "")
