"""Calls with key words between their arguments: those of SQL/JSON and XML.

They are kept as they were written, so that the server's text comes out of sqlglot as it went in; what stands between
the key words is read as expressions, whose columns are the plan's.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType


class Phrase(exp.Expression):
    """A call with syntax of its own, as it was written: ``JSON_QUERY(doc, '$.a' WITH WRAPPER)``."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "expressions": True}


# Calls that are aggregates, and others, whose arguments have key words between them.
PHRASES_OF_ROWS = frozenset({"JSON_ARRAYAGG", "JSON_OBJECTAGG"})
PHRASES = PHRASES_OF_ROWS | {
    "JSON_ARRAY", "JSON_EXISTS", "JSON_OBJECT", "JSON_QUERY", "JSON_SERIALIZE", "JSON_VALUE",
    "XMLEXISTS", "XMLPARSE", "XMLROOT", "XMLSERIALIZE",
}  # fmt: skip
_PHRASE_WORDS = frozenset(
    """
    ABSENT ARRAY AS BY CONDITIONAL CONTENT DEFAULT DOCUMENT EMPTY ENCODING ERROR FORMAT INDENT JSON KEEP KEYS NO OBJECT
    OMIT ON PASSING QUOTES REF RETURNING SCALAR STANDALONE STRING UNCONDITIONAL UNIQUE UNKNOWN UTF8 VALUE VERSION WITH
    WITHOUT WRAPPER YES
    """.split()  # noqa: SIM905
)


def parse_phrase(parser: Any, name: str) -> exp.Expr:
    """Read a call up to its closing parenthesis: key words as they are, and expressions between them."""
    parts: list[exp.Expr] = []
    while parser._curr and parser._curr.token_type is not TokenType.R_PAREN:
        parts.append(_phrase_part(parser, parts[-1].name if parts else ""))
    return Phrase(this=name, expressions=parts)


def _phrase_part(parser: Any, before: str) -> Any:
    token, after = parser._curr, parser._next
    if before == "RETURNING" or (before == "AS" and token.token_type is not TokenType.IDENTIFIER):
        return parser._parse_types() or parser._parse_id_var()
    if token.token_type is TokenType.ORDER_BY:
        return parser._parse_order()
    written = token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER) and token.text.isupper()
    of_array = token.text == "ARRAY" and after and after.token_type is TokenType.L_BRACKET
    if token.text in (",", ":") or (written and not of_array and _is_phrase_word(token, after)):
        parser._advance()
        return exp.Var(this=token.text)
    part = parser._parse_assignment()
    if part is None:
        parser.raise_error("Expected an expression")
    return part


def _is_phrase_word(token: Any, after: Any) -> bool:
    return token.text in _PHRASE_WORDS or (after is not None and after.text == "ON")
