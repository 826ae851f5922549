"""sqlglot as a reader of the server's canonical text: calls are kept verbatim, nothing is normalised."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.generators.postgres import PostgresGenerator
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.tokenizer_core import TokenType

from dyntables.compiler.depth import deep
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.plan.text.phrases import PHRASES, Phrase, parse_phrase
from dyntables.compiler.plan.text.tokens import as_the_server_reads
from dyntables.compiler.reasons import NotIncremental, Reason

_NORMAL_FORMS = ("NORMALIZED", "NFC NORMALIZED", "NFD NORMALIZED", "NFKC NORMALIZED", "NFKD NORMALIZED")


class Prefixed(exp.Unary):
    """An operator, known by its schema, before its operand."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "operator": True}


class CanonicalPostgres(Postgres):
    """PostgreSQL without sqlglot's knowledge of functions, so that each call comes out as it went in."""

    class Parser(PostgresParser):  # noqa: D106
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        # A call of date_part is no EXTRACT: it gives double precision.
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parse for name, parse in PostgresParser.FUNCTION_PARSERS.items() if name != "DATE_PART"
        } | {name: partial(parse_phrase, name=name) for name in PHRASES}

        @deep(30)
        def _parse_unary(self) -> exp.Expr | None:
            """Go on, however deep: every part of an expression comes by. Read an operator before its operand."""
            if not self._match(TokenType.OPERATOR):
                return super()._parse_unary()
            name = self._operator_name()
            return self.expression(Prefixed(this=self._parse_unary(), operator=name))

        @deep(12)
        def _parse_select(self, *args: Any, **options: Any) -> exp.Expr | None:
            """Go on, however deep: every query comes by."""
            return super()._parse_select(*args, **options)

        def _parse_function_call(
            self,
            functions: dict[str, Any] | None = None,
            anonymous: bool = False,
            optional_parens: bool = True,
            any_token: bool = False,
        ) -> exp.Expr | None:
            """Keep ``"substring"(t, 2)``, a call like any other, apart from SUBSTRING(t FROM 2)."""
            quoted = self._curr is not None and self._curr.token_type.name == "IDENTIFIER"
            return super()._parse_function_call(functions, anonymous or quoted, optional_parens, any_token)

        def _parse_operator(self, this: exp.Expr | None) -> exp.Expr | None:
            """Keep the quotes in ``OPERATOR("a schema".=)``."""
            name = self._operator_name()
            if not name:
                self._retreat(self._index - 1)
                return None
            return self.expression(exp.Operator(this=this, operator=name, expression=self._parse_bitwise()))

        def _operator_name(self) -> str:
            name = ""
            if self._match(TokenType.L_PAREN):
                while self._curr and not self._match(TokenType.R_PAREN):
                    quoted = self._curr.token_type is TokenType.IDENTIFIER
                    name += quote_qualified(self._curr.text) if quoted else self._curr.text
                    self._advance()
            return name

        def _values_to_select(self, values: exp.Values) -> Any:
            """Keep VALUES as an operand and in WITH."""
            return values

        def _parse_is(self, this: exp.Expr | None) -> exp.Expr | None:
            """Keep ``IS NOT TRUE`` and ``IS UNKNOWN``, which sqlglot takes for NOT … IS TRUE and IS NULL."""
            for word in ("TRUE", "FALSE", "UNKNOWN", *_NORMAL_FORMS):
                for negation in (("NOT",), ()):
                    if self._match_text_seq(*negation, *word.split()):
                        test = exp.Is(this=this, expression=exp.Var(this=word), negate=bool(negation))
                        return self._parse_column_ops(self.expression(test))
            return super()._parse_is(this)

    class Generator(PostgresGenerator):  # noqa: D106
        TRANSFORMS: ClassVar[dict[Any, Any]] = {
            node: write
            for node, write in PostgresGenerator.TRANSFORMS.items()
            if node not in (exp.Pow, exp.Trim, exp.StartsWith, exp.Sqrt, exp.Cbrt)
        } | {
            Prefixed: lambda self, node: f"{operator_name(node)} {self.sql(node, 'this')}",
            Phrase: lambda self, node: f"{node.name}({' '.join(self.sql(e) for e in node.expressions)})",
        }

        @deep(10)
        def paren_sql(self, expression: exp.Paren) -> str:
            """Go on, however deep."""
            return super().paren_sql(expression)

        @deep(10)
        def case_sql(self, expression: exp.Case) -> str:
            """Go on, however deep."""
            return super().case_sql(expression)

        @deep(10)
        def anonymous_sql(self, expression: exp.Anonymous) -> str:
            """Go on, however deep."""
            return super().anonymous_sql(expression)

        @deep(20)
        def select_sql(self, expression: exp.Select) -> str:
            """Go on, however deep."""
            return super().select_sql(expression)

        def pow_sql(self, expression: exp.Pow) -> str:
            """Write the operator: the server tells it from the function."""
            return self.binary(expression, "^")

        def startswith_sql(self, expression: exp.StartsWith) -> str:
            """Write the operator."""
            return f"{self.sql(expression, 'this')} ^@ {self.sql(expression, 'expression')}"

        def sqrt_sql(self, expression: exp.Sqrt) -> str:
            """Write the operator."""
            return f"|/ {self.sql(expression, 'this')}"

        def cbrt_sql(self, expression: exp.Cbrt) -> str:
            """Write the operator."""
            return f"||/ {self.sql(expression, 'this')}"

        def currenttime_sql(self, expression: exp.CurrentTime) -> str:
            """Write it without parentheses, as the server does."""
            return "CURRENT_TIME"

        def trim_sql(self, expression: exp.Trim) -> str:
            """Write TRIM as the server does."""
            characters = f"{self.sql(expression, 'expression')} " if expression.args.get("expression") else ""
            side = expression.args.get("position") or "BOTH"
            return f"TRIM({side} {characters}FROM {self.sql(expression, 'this')})"

        def datatype_sql(self, expression: exp.DataType) -> str:
            """Write bit of any length as the server does: without quotes it is bit(1)."""
            text = super().datatype_sql(expression)
            # An interval of so many digits has them in parentheses.
            text = re.sub(r"^INTERVAL (\d)", r"INTERVAL(\1)", text)
            return '"bit"' if text == "BIT" else text

        def windowspec_sql(self, expression: exp.WindowSpec) -> str:
            """Write a frame without an end as it was written: the server keeps the two forms apart."""
            text = super().windowspec_sql(expression)
            if expression.args.get("end_side") or expression.args.get("end"):
                return text
            return text.replace(" BETWEEN ", " ", 1).replace(" AND CURRENT ROW", "", 1)


_DIALECT = CanonicalPostgres()


def parse(sql: str) -> exp.Expr:
    """Parse one canonical query."""
    try:
        tokens = as_the_server_reads(_DIALECT.tokenize(sql))
        tree = _DIALECT.parser().parse(tokens, sql)[0]
        if tree is None:
            raise ParseError("there is nothing to parse")
        return _qualify_calls(tree)
    except SqlglotError as error:
        raise NotIncremental(Reason.SYNTAX, "the parser does not know this syntax", _culprit(error)) from error


def _qualify_calls(tree: exp.Expr) -> exp.Expr:
    """Put the schema of an aggregate to its call: ``s.f(x) FILTER (…)`` is read as column ``f(x) FILTER (…)`` of s."""
    for column in list(tree.find_all(exp.Column)):
        call = column.this.find(exp.Anonymous) if not isinstance(column.this, (exp.Identifier, exp.Star)) else None
        if call is not None:
            call.replace(exp.Dot(this=column.args["table"], expression=call.copy()))
            column.replace(column.this)
    return tree


def _culprit(error: SqlglotError) -> str | None:
    """Return the words before and at the token on which the parser stumbled."""
    found = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    before = str(found.get("start_context") or "").split()[-2:]
    return " ".join([*before, str(found.get("highlight") or "")]).strip() or None


def operator_name(node: exp.Operator | Prefixed) -> str:
    """Return an operator with its schema, as it is written."""
    return f"OPERATOR({node.args['operator']})"


def generate(expression: exp.Expr) -> str:
    """Return SQL for a parsed fragment."""
    return str(expression.sql(dialect=CanonicalPostgres, normalize_functions=False, comments=False))
