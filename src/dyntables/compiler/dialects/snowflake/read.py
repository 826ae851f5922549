"""Snowflake's text → sqlglot's tree, with every call kept as written, and places for errors."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.snowflake import SnowflakeParser

from dyntables.errors import InvalidQueryError, Span, UnsupportedQueryError

_SPECIAL = ("CAST", "TRY_CAST", "EXTRACT", "POSITION", "SUBSTRING", "SUBSTR")
_DATED = {
    "DATEADD", "DATEDIFF", "DATE_TRUNC", "DATE_PART", "LAST_DAY", "TIMEADD", "TIMEDIFF", "TIMESTAMPADD",
    "TIMESTAMPDIFF",
}  # fmt: skip
_FOLDED = re.compile(r"[A-Z_][A-Z0-9_$]*\Z")


class SnowflakeCalls(Snowflake):
    """Snowflake without sqlglot's knowledge of functions: what a call means is ours to say."""

    class Parser(SnowflakeParser):  # noqa: D106
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parser for name, parser in SnowflakeParser.FUNCTION_PARSERS.items() if name in _SPECIAL
        }


def read(text: str) -> exp.Expr:
    """Parse one query.

    Raises:
        InvalidQueryError: it is not Snowflake's SQL; the span is in the text.
    """
    try:
        trees = sqlglot.parse(text, dialect=SnowflakeCalls)
    except ParseError as error:
        found = error.errors[0] if error.errors else {}
        start = _offset(text, found.get("line") or 1, found.get("col") or 1, str(found.get("highlight") or ""))
        message = str(found.get("description") or "syntax error").rstrip(".")
        raise InvalidQueryError(
            f"cannot read the query as Snowflake's SQL: {message[:1].lower()}{message[1:]}",
            span=Span(text, start, min(len(text), start + max(1, len(str(found.get("highlight") or ""))))),
        ) from error
    except TokenError as error:
        raise InvalidQueryError(f"cannot read the query as Snowflake's SQL: {str(error).splitlines()[0]}") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise InvalidQueryError("expected one query")
    _spell_date_parts(trees[0])
    return trees[0]


def _spell_date_parts(tree: exp.Expr) -> None:
    """Make text of date parts that are written bare, which else look like columns."""
    for call in list(tree.find_all(exp.Anonymous)):
        if str(call.this).upper() not in _DATED or not call.expressions:
            continue
        part = call.expressions[1 if str(call.this).upper() == "LAST_DAY" and len(call.expressions) > 1 else 0]
        if isinstance(part, exp.Column) and not part.table and len(call.expressions) > 1:
            spelled = exp.Literal.string(part.name)
            spelled.meta.update(part.this.meta)
            part.replace(spelled)


def place(text: str, node: exp.Expr) -> Span | None:
    """Return where a node was written: a call's name, otherwise from the first to the last place known below."""
    if isinstance(node, exp.Anonymous) and "start" in node.meta:
        return Span(text, node.meta["start"], node.meta["end"] + 1)
    marks = [n.meta for n in node.walk() if "start" in n.meta]
    if not marks:
        return None
    return Span(text, min(m["start"] for m in marks), max(m["end"] for m in marks) + 1)


def refuse(text: str, node: exp.Expr | None, what: str, why: str, hint: str | None = None) -> UnsupportedQueryError:
    """Return the error that a construct is not carried over."""
    span = place(text, node) if node is not None else None
    return UnsupportedQueryError(f"Snowflake's {what} is not carried over: {why}", hint=hint, span=span)


def fold(identifier: exp.Expr) -> str:
    """Return a name as PostgreSQL has it: Snowflake's ABC, abc and "ABC" are one name, and so is our abc."""
    name = identifier.name
    if identifier.meta.get("exact"):
        return name
    return name.lower() if not identifier.args.get("quoted") or _FOLDED.match(name) else name


def _offset(text: str, line: int, column: int, highlight: str) -> int:
    lines = text.split("\n")
    before = sum(len(part) + 1 for part in lines[: line - 1])
    # sqlglot counts to the end of the token.
    return max(0, min(len(text), before + column - max(1, len(highlight))))
