"""SELECT and what is around it, in Snowflake's SQL → PostgreSQL's text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.aliases import resolve_aliases
from dyntables.compiler.dialects.snowflake.expressions import Expressions
from dyntables.compiler.dialects.snowflake.qualify import Lifted, filtered, has_aggregate
from dyntables.compiler.dialects.snowflake.read import fold, refuse
from dyntables.compiler.dialects.snowflake.sources import Sources
from dyntables.compiler.dialects.snowflake.stars import expanded
from dyntables.compiler.names import quote_qualified
from dyntables.errors import UnsupportedQueryError


@dataclass(slots=True)
class Queries:
    """Writes queries; ``ctes`` are those in scope, written already."""

    text: str
    columns: Callable[[str], Sequence[str] | None]
    ctes: list[str] = field(default_factory=list)
    variants: set[str] = field(default_factory=set)

    def refuse(self, node: exp.Expr, what: str, why: str, hint: str | None = None) -> UnsupportedQueryError:
        """Return the error that a construct is not carried over."""
        return refuse(self.text, node, what, why, hint)

    def query(self, node: exp.Expr) -> str:
        """Return a query."""
        with_clause = node.args.get("with_")
        outer = list(self.ctes)
        head = self._with(with_clause) if with_clause is not None else ""
        try:
            match node:
                case exp.Select():
                    return head + self._select(node)
                case exp.SetOperation():
                    return head + self._set_operation(node)
                case exp.Subquery():
                    return f"{head}({self.query(node.this)}){self._tail(node)}"
            raise self.refuse(node, node.key.upper(), "it has no counterpart that is known")
        finally:
            self.ctes = outer

    def described(self, sql: str) -> Sequence[str] | None:
        """Return the columns of a query that may read the CTEs in scope."""
        return self.columns((f"WITH {', '.join(self.ctes)} " if self.ctes else "") + sql)

    def _with(self, clause: exp.Expr) -> str:
        recursive = bool(clause.args.get("recursive"))
        own = []
        for cte in clause.expressions:
            alias = cte.args["alias"]
            columns = ", ".join(quote_qualified(fold(c)) for c in alias.args.get("columns") or [])
            name = quote_qualified(fold(alias.this)) + (f" ({columns})" if columns else "")
            own.append(f"{name} AS ({self.query(cte.this)})")
            if not recursive:
                self.ctes.append(own[-1])
        return f"WITH {'RECURSIVE ' if recursive else ''}{', '.join(own)} "

    def _set_operation(self, node: exp.SetOperation) -> str:
        words = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}
        word = words[type(node)] + ("" if node.args.get("distinct") else " ALL")
        if word in ("EXCEPT ALL", "INTERSECT ALL"):
            raise self.refuse(node, word, "Snowflake has no such operation")
        left, right = (self._operand(s) for s in (node.this, node.expression))
        return f"{left} {word} {right}{self._tail(node)}"

    def _operand(self, node: exp.Expr) -> str:
        return f"({self.query(node.this if isinstance(node, exp.Subquery) and not self._tail(node) else node)})"

    def _select(self, node: exp.Select) -> str:
        self._check(node)
        outer = set(self.variants)
        expressions = Expressions(self.text, self.query, self.variants)
        try:
            source = Sources(self, expressions).clause(node)
            node.set("expressions", expanded(self, node, source))
            resolve_aliases(node, lambda: self._offered(source))
            body = source + self._filters(expressions, node)
            if node.args.get("qualify") is not None:
                return self._qualified(expressions, node, body)
            items = ", ".join(self._item(expressions, item) for item in node.expressions)
            head = "SELECT DISTINCT" if node.args.get("distinct") else "SELECT"
            return f"{head} {items}{body}{self._tail(node, expressions.ordered)}"
        finally:
            self.variants -= self.variants - outer

    def _check(self, node: exp.Select) -> None:
        distinct = node.args.get("distinct")
        if distinct is not None and distinct.args.get("on") is not None:
            raise self.refuse(node, "DISTINCT ON", "Snowflake has no such clause", "Use QUALIFY ROW_NUMBER() = 1.")

    def _offered(self, source: str) -> frozenset[str] | None:
        if not source:
            return frozenset()
        found = self.described(f"SELECT *{source}")
        return frozenset(found) if found is not None else None

    def _filters(self, expressions: Expressions, node: exp.Select) -> str:
        out = ""
        where, group, having = (node.args.get(c) for c in ("where", "group", "having"))
        if where is not None:
            out += f" WHERE {expressions.expression(where.this)}"
        if group is not None:
            out += self._group(expressions, node, group)
        if having is not None:
            out += f" HAVING {expressions.expression(having.this)}"
        return out

    def _group(self, expressions: Expressions, node: exp.Select, group: exp.Expr) -> str:
        if group.args.get("all"):
            keys = [
                str(number)
                for number, item in enumerate(node.expressions, start=1)
                if not has_aggregate(item) and item.find(exp.Window) is None
            ]
            return f" GROUP BY {', '.join(keys)}" if keys else ""
        return f" GROUP BY {', '.join(self._group_key(expressions, k) for k in group.expressions)}"

    def _group_key(self, expressions: Expressions, key: exp.Expr) -> str:
        words: dict[type[exp.Expr], str] = {exp.Rollup: "ROLLUP", exp.Cube: "CUBE", exp.GroupingSets: "GROUPING SETS"}
        if type(key) in words:
            inner = ", ".join(self._group_key(expressions, k) for k in key.expressions)
            return f"{words[type(key)]} ({inner})"
        return expressions.expression(key)

    def _item(self, expressions: Expressions, item: exp.Expr) -> str:
        if isinstance(item, exp.Alias):
            return f"{expressions.expression(item.this)} AS {quote_qualified(fold(item.args['alias']))}"
        return expressions.expression(item)

    def _qualified(self, expressions: Expressions, node: exp.Select, body: str) -> str:
        condition = node.args["qualify"].this
        if any(isinstance(n, exp.Query) for n in condition.walk()):
            raise self.refuse(condition, "subquery in QUALIFY", "it cannot be lifted", "Put it into a column.")
        lifted = Lifted(expressions.expression)
        lifted.add_items(node.expressions)
        # Lifting adds columns to the inner SELECT, so it comes before the text is put together.
        outer = expressions.expression(lifted.outer(condition))
        tail = self._tail(node, lambda key: expressions.ordered(lifted.outer(key)))
        return filtered(lifted, body, outer, distinct=node.args.get("distinct") is not None) + tail

    def _tail(self, node: exp.Expr, ordered: Callable[[exp.Expr], str] | None = None) -> str:
        ordered = ordered or Expressions(self.text, self.query, self.variants).ordered
        out = ""
        order = node.args.get("order")
        if order is not None:
            out += f" ORDER BY {', '.join(self._order_all(node, order) or [ordered(o) for o in order.expressions])}"
        limit, offset = node.args.get("limit"), node.args.get("offset")
        if isinstance(limit, exp.Fetch):
            limit = limit.args.get("count")
        elif limit is not None:
            limit = limit.expression
        for word, value in (("LIMIT", limit), ("OFFSET", offset.expression if offset is not None else None)):
            if value is not None and not isinstance(value, exp.Null):
                if not (isinstance(value, exp.Literal) and not value.is_string):
                    raise self.refuse(value, word, "it must be a number")
                out += f" {word} {value.name}"
        return out

    def _order_all(self, node: exp.Expr, order: exp.Expr) -> list[str] | None:
        keys = order.expressions
        column = keys[0].this if len(keys) == 1 and isinstance(keys[0], exp.Ordered) else None
        if not (isinstance(column, exp.Column) and not column.table and fold(column.this) == "all"):
            return None
        while not isinstance(node, exp.Select):
            node = node.this
        descending = keys[0].args.get("desc")
        nulls = " NULLS FIRST" if keys[0].args.get("nulls_first") else " NULLS LAST"
        return [f"{n}{' DESC' if descending else ''}{nulls}" for n in range(1, len(node.expressions) + 1)]
