"""Expressions in Snowflake's SQL → PostgreSQL's text; each is closed in itself, so order of operators cannot change."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from dyntables.compiler.dialects.snowflake.calls import call, over, window
from dyntables.compiler.dialects.snowflake.functions.conversions import cast
from dyntables.compiler.dialects.snowflake.functions.dates import add, field, part_of
from dyntables.compiler.dialects.snowflake.functions.entry import Call
from dyntables.compiler.dialects.snowflake.functions.json import construct, value_of
from dyntables.compiler.dialects.snowflake.functions.texts import regexp_like, text
from dyntables.compiler.dialects.snowflake.read import fold, refuse
from dyntables.compiler.names import literal, quote_qualified
from dyntables.errors import UnsupportedQueryError

_BINARY: dict[type[exp.Expr], str] = {
    exp.And: "AND", exp.Or: "OR", exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
    exp.Mul: "*", exp.Mod: "%", exp.NullSafeEQ: "IS NOT DISTINCT FROM", exp.NullSafeNEQ: "IS DISTINCT FROM",
    exp.Is: "IS", exp.Add: "+", exp.Sub: "-",
}  # fmt: skip
_COMPARISONS = (
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.In,
    exp.Between,
    exp.Like,
    exp.ILike,
)
_CALLS = (exp.Anonymous, exp.Window, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.Filter)


@dataclass(slots=True)
class Expressions:
    """Writes expressions; ``query`` writes subqueries, ``variants`` are the aliases of FLATTEN in scope."""

    text: str
    query: Callable[[exp.Expr], str]
    variants: set[str]

    def refuse(self, node: exp.Expr, what: str, why: str, hint: str | None = None) -> UnsupportedQueryError:
        """Return the error that a construct is not carried over."""
        return refuse(self.text, node, what, why, hint)

    def expression(self, node: exp.Expr) -> str:
        """Return an expression in PostgreSQL's SQL."""
        if isinstance(node, exp.Parameter):
            raise self.refuse(node, f"${node.name}", "it names columns of staged files", "Name the column.")
        if isinstance(node, _COMPARISONS):
            self._check_compared(node)
        if type(node) in _BINARY:
            return self._binary(node)
        if isinstance(node, _CALLS):
            return window(self, node) if isinstance(node, exp.Window) else call(self, node)
        for writer in (self._atom, self._special, self._predicate, self._json):
            written = writer(node)
            if written is not None:
                return written
        raise self.refuse(node, node.key.upper(), "it has no counterpart that is known")

    def over(self, node: exp.Window, name: str) -> str:
        """Return an OVER clause."""
        return over(self, node, name)

    def ordered(self, node: exp.Expr) -> str:
        """Return a sort key; NULL is the largest value in both databases unless said otherwise."""
        if not isinstance(node, exp.Ordered):
            return self.expression(node)
        descending = bool(node.args.get("desc"))
        nulls_first = bool(node.args.get("nulls_first"))
        tail = "" if nulls_first == descending else f" NULLS {'FIRST' if nulls_first else 'LAST'}"
        return f"{self.expression(node.this)}{' DESC' if descending else ''}{tail}"

    def column(self, node: exp.Column) -> str:
        """Return a column reference."""
        if isinstance(node.this, exp.Parameter):
            raise self.refuse(node, f"${node.this.name}", "it names columns of staged files", "Name the column.")
        parts = [p for p in (node.args.get("catalog"), node.args.get("db"), node.args.get("table")) if p is not None]
        if isinstance(node.this, exp.Star):
            if isinstance(node.parent, (exp.Anonymous, exp.Distinct)):
                raise self.refuse(node, "star of a table in a call", "NULL in a row counts otherwise", "Use COUNT(*).")
            return ".".join([*(quote_qualified(fold(p)) for p in parts), "*"])
        name = fold(node.this)
        if name.startswith("metadata$") or (len(parts) == 1 and name == "nextval"):
            raise self.refuse(node, node.name.upper(), "there is no such column", None)
        if len(parts) == 1 and fold(parts[0]) in self.variants and name in ("seq", "path"):
            raise self.refuse(node, f"FLATTEN column {name.upper()}", "jsonb has no such thing", "Use INDEX or KEY.")
        return quote_qualified(*(fold(p) for p in parts), name)

    def _binary(self, node: exp.Expr) -> str:
        left, right = node.args["this"], node.args["expression"]
        if isinstance(node, (exp.Add, exp.Sub)) and isinstance(right, exp.Interval):
            return self._moved(node, left, right)
        if isinstance(node, exp.Add) and isinstance(left, exp.Interval):
            return self._moved(node, right, left)
        return f"({self.expression(left)} {_BINARY[type(node)]} {self.expression(right)})"

    def _moved(self, node: exp.Expr, value: exp.Expr, interval: exp.Interval) -> str:
        amount, unit = (interval.this.name if interval.this is not None else ""), interval.args.get("unit")
        match = re.fullmatch(r"\s*([+-]?\d+)\s*([A-Za-z]*)\s*", amount)
        name = unit.name if unit is not None else match[2] if match else ""
        if match is None or not name or (unit is not None and match[2]):
            raise self.refuse(node, "INTERVAL", "it must be one number and one unit", "Use DATEADD for each unit.")
        part = part_of(self, exp.Literal.string(name), "INTERVAL")
        sign = "-" if isinstance(node, exp.Sub) else ""
        return add(self, node, part, f"({sign}({match[1]}))", value)

    def _atom(self, node: exp.Expr) -> str | None:
        match node:
            case exp.Paren():
                return f"({self.expression(node.this)})"
            case exp.Column():
                return self.column(node)
            case exp.Literal():
                return literal(node.name) if node.is_string else node.name
            case exp.RawString():
                return literal(node.name)
            case exp.Null():
                return "NULL"
            case exp.Boolean():
                return "TRUE" if node.this else "FALSE"
            case exp.Star() if not any(node.args.values()):
                return "*"
            case exp.CurrentTimestamp() | exp.CurrentDate() if not node.this:
                return "CURRENT_DATE" if isinstance(node, exp.CurrentDate) else "CURRENT_TIMESTAMP"
            case exp.Localtime() if not node.this:
                return "LOCALTIME"
            case exp.Subquery():
                return f"({self.query(node.this)})"
            case exp.Tuple():
                return f"({', '.join(self.expression(e) for e in node.expressions)})"
        return None

    def _special(self, node: exp.Expr) -> str | None:
        match node:
            case exp.Neg():
                return f"(- {self.expression(node.this)})"
            case exp.Div():
                both = [f"dyntables_snowflake.num({self.expression(e)})" for e in (node.left, node.right)]
                return f"dyntables_snowflake.divide({', '.join(both)})"
            case exp.DPipe():
                return f"({text(self, node.left)} || {text(self, node.right)})"
            case exp.TryCast():
                return cast(self, node.this, node.to, tried=True)
            case exp.Cast():
                return cast(self, node.this, node.to)
            case exp.Extract():
                return field(self, node, part_of(self, node.this, "EXTRACT"), node.expression)
            case exp.Substring():
                args = [node.this, node.args["start"], *filter(None, [node.args.get("length")])]
                return call(self, exp.Anonymous(this="SUBSTR", expressions=args))
            case exp.StrPosition():
                args = [node.args["substr"], node.this, *filter(None, [node.args.get("position")])]
                return call(self, exp.Anonymous(this="POSITION", expressions=args))
            case exp.Case():
                return self._case(node)
        return None

    def _case(self, node: exp.Case) -> str:
        subject = f" {self.expression(node.this)}" if node.this is not None else ""
        arms = "".join(
            f" WHEN {self.expression(arm.this)} THEN {self.expression(arm.args['true'])}" for arm in node.args["ifs"]
        )
        default = node.args.get("default")
        return f"CASE{subject}{arms}{f' ELSE {self.expression(default)}' if default is not None else ''} END"

    def _predicate(self, node: exp.Expr) -> str | None:
        match node:
            case exp.Not():
                return f"(NOT {self.expression(node.this)})"
            case exp.Between():
                low, high = self.expression(node.args["low"]), self.expression(node.args["high"])
                return f"({self.expression(node.this)} BETWEEN {low} AND {high})"
            case exp.In():
                return self._in(node)
            case exp.Exists():
                return f"EXISTS ({self.query(node.this)})"
            case exp.Any() | exp.All() if isinstance(node.this, (exp.Query, exp.Subquery)):
                inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
                return f"{node.key.upper()} ({self.query(inner)})"
            case exp.Escape():
                return self._like(node.this, node.expression)
            case exp.Like() | exp.ILike():
                return self._like(node, None)
            case exp.RegexpLike():
                return regexp_like(self, node.this, node.expression, "c")
        return None

    def _in(self, node: exp.In) -> str:
        query = node.args.get("query")
        if query is not None:
            inner = query.this if isinstance(query, exp.Subquery) else query
            return f"({self.expression(node.this)} IN ({self.query(inner)}))"
        values = ", ".join(self.expression(e) for e in node.expressions)
        return f"({self.expression(node.this)} IN ({values}))"

    def _like(self, node: exp.Expr, escape: exp.Expr | None) -> str:
        pattern = node.args["expression"]
        word = "ILIKE" if isinstance(node, exp.ILike) else "LIKE"
        subject = self.expression(node.this)
        if isinstance(pattern, (exp.Any, exp.All)):
            listed = pattern.this
            patterns = listed.expressions if isinstance(listed, exp.Tuple) else [listed]
            joint = " OR " if isinstance(pattern, exp.Any) else " AND "
            return "(" + joint.join(self._one_like(subject, word, p, escape) for p in patterns) + ")"
        return self._one_like(subject, word, pattern, escape)

    def _one_like(self, subject: str, word: str, pattern: exp.Expr, escape: exp.Expr | None) -> str:
        if isinstance(pattern, (exp.Select, exp.SetOperation, exp.Subquery)):
            raise self.refuse(pattern, f"{word} ANY", "the patterns must be listed")
        while isinstance(pattern, exp.Paren):
            pattern = pattern.this
        plain = isinstance(pattern, exp.Literal) and "\\" not in pattern.name
        # Snowflake has no escape character unless one is given; PostgreSQL's is the backslash.
        tail = f" ESCAPE {self.expression(escape)}" if escape is not None else "" if plain else " ESCAPE ''"
        return f"({subject} {word} {self.expression(pattern)}{tail})"

    def _json(self, node: exp.Expr) -> str | None:
        match node:
            case exp.JSONExtract():
                return f"({self.expression(node.this)}{''.join(self._steps(node))})"
            case exp.Bracket() if len(node.expressions) == 1:
                return self._bracket(node)
            case exp.Array():
                return f"jsonb_build_array({', '.join(value_of(self, e) for e in node.expressions)})"
            case exp.Struct():
                pairs = [(literal(p.this.name) + "::text", p.expression) for p in node.expressions]
                return construct(self, pairs)
        return None

    def _steps(self, node: exp.JSONExtract) -> list[str]:
        steps = []
        for part in node.expression.expressions:
            match part:
                case exp.JSONPathRoot():
                    continue
                case exp.JSONPathKey() if isinstance(part.this, str):
                    steps.append(f" -> {literal(part.this)}")
                case exp.JSONPathSubscript() if isinstance(part.this, int) and part.this >= 0:
                    steps.append(f" -> {part.this}")
                case _:
                    raise self.refuse(node, "path", "only names and numbers can be steps of it")
        return steps

    def _bracket(self, node: exp.Bracket) -> str:
        inner = node.expressions[0]
        if isinstance(inner, exp.Column) and inner.this.args.get("quoted"):
            raise self.refuse(inner, "path step in double quotes", "it may be a column", "Use ['…'].")
        step = text(self, inner) if isinstance(inner, exp.Literal) and inner.is_string else self.expression(inner)
        return f"dyntables_snowflake.get({self.expression(node.this)}, {step})"

    def _check_compared(self, node: exp.Expr) -> None:
        for operand in node.iter_expressions():
            bare = operand.unnest()
            if isinstance(bare, (exp.JSONExtract, exp.Bracket)) or self._is_flattened(bare):
                raise self.refuse(
                    bare, "comparison of a VARIANT", "its type is not known", "Cast it: col:path::string."
                )

    def _is_flattened(self, node: object) -> bool:
        return (
            isinstance(node, exp.Column)
            and bool(self.variants)
            and (not node.table or fold(node.args["table"]) in self.variants)
            and node.name.lower() in ("value", "this")
        )


__all__ = ["Call", "Expressions"]
