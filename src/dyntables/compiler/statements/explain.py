"""EXPLAIN of ours, with options as PostgreSQL writes them. Any other EXPLAIN is the server's."""

from __future__ import annotations

from collections.abc import Callable

from dyntables.compiler.statements.cursor import Cursor
from dyntables.compiler.statements.lexer import Kind
from dyntables.compiler.statements.model import (
    CreateDynamicTable,
    CreateOrAlter,
    ExplainChanges,
    ExplainCreateOrAlter,
    ExplainDynamicTable,
    ExplainFormat,
    Passthrough,
    Refresh,
    Statement,
)
from dyntables.errors import InvalidOptionError, StatementSyntaxError

_TRUE, _FALSE = ("TRUE", "ON", "1"), ("FALSE", "OFF", "0")
Parse = Callable[[str], Statement]


def parse_explain(cursor: Cursor, parse: Parse) -> Statement:
    """Return the EXPLAIN that comes next; ``parse`` reads the statement that is explained."""
    text = cursor.text
    cursor.expect("EXPLAIN")
    if cursor.accept("CHANGES"):
        return _changes(cursor, parse)
    start = cursor.at
    _skip_options(cursor)
    if not _ours(cursor):
        return Passthrough(text)
    cursor.at = start
    options = _options(cursor)
    verbose, analyze = options.get("VERBOSE") is True, options.get("ANALYZE") is True
    format_ = ExplainFormat(str(options.get("FORMAT", ExplainFormat.TEXT)))
    if cursor.accept("DYNAMIC", "TABLE"):
        explained = ExplainDynamicTable(cursor.name(), verbose, analyze, format_)
        cursor.end()
        return explained
    at = cursor.token
    statement = parse(text[at.start :])
    if not isinstance(statement, (CreateDynamicTable, CreateOrAlter)):
        return Passthrough(text)
    if analyze:
        raise cursor.error(
            "EXPLAIN ANALYZE needs a dynamic table that exists", hint="Create it first, or leave out ANALYZE.", at=at
        )
    if isinstance(statement, CreateOrAlter):
        return ExplainCreateOrAlter(statement, format_)
    return ExplainDynamicTable(statement, verbose, analyze, format_)


def _ours(cursor: Cursor) -> bool:
    return cursor.peek_words("DYNAMIC", "TABLE") or cursor.peek_words("CREATE")


def _skip_options(cursor: Cursor) -> None:
    if cursor.peek_symbol("("):
        cursor.skip_parentheses()
        return
    while cursor.accept("VERBOSE") or cursor.accept("ANALYZE"):
        pass


def _options(cursor: Cursor) -> dict[str, object]:
    found: dict[str, object] = {}
    if not cursor.accept_symbol("("):
        while cursor.peek_words("VERBOSE") or cursor.peek_words("ANALYZE"):
            found[cursor.take().value.upper()] = True
        return found
    while True:
        token = cursor.token
        option = cursor.identifier("an option of EXPLAIN").upper()
        if option == "FORMAT":
            found[option] = _format(cursor)
        elif option in ("VERBOSE", "ANALYZE"):
            found[option] = _boolean(cursor)
        else:
            raise cursor.error(
                f'unknown option "{option.lower()}"', hint="The options are FORMAT, VERBOSE and ANALYZE.", at=token
            )
        if not cursor.accept_symbol(","):
            break
    cursor.symbol(")")
    return found


def _boolean(cursor: Cursor) -> bool:
    if cursor.peek_symbol(",") or cursor.peek_symbol(")"):
        return True
    word = cursor.take().value.upper()
    if word not in _TRUE + _FALSE:
        raise InvalidOptionError(f'"{word.lower()}" is not true or false')
    return word in _TRUE


def _format(cursor: Cursor) -> ExplainFormat:
    token = cursor.take()
    word = token.value.upper()
    if word not in ExplainFormat.__members__:
        raise cursor.error(f'"{token.value}" is not a format', hint="The formats are TEXT and JSON.", at=token)
    return ExplainFormat(word)


def _changes(cursor: Cursor, parse: Parse) -> ExplainChanges | ExplainCreateOrAlter:
    format_ = ExplainFormat.TEXT
    if cursor.peek_symbol("("):
        format_ = ExplainFormat(str(_options(cursor).get("FORMAT", format_)))
    elif cursor.accept("USING"):
        format_ = ExplainFormat.TEXT if cursor.accept("TABULAR") else _format(cursor)
    cursor.accept("FOR")
    cursor.accept("DYNAMIC", "TABLE")
    if cursor.peek_words("CREATE", "OR", "ALTER"):
        statement = parse(cursor.text[cursor.token.start :])
        if isinstance(statement, CreateOrAlter):
            return ExplainCreateOrAlter(statement, format_)
    if cursor.peek_words("CREATE"):
        raise cursor.error(
            "EXPLAIN CHANGES of CREATE is not supported",
            hint="EXPLAIN CREATE DYNAMIC TABLE … says mode, reasons and plan.",
        )
    if cursor.peek_words("ALTER") and cursor.tokens[cursor.at + 1].kind is Kind.WORD:
        statement = parse(cursor.text[cursor.token.start :])
        if isinstance(statement, Refresh):
            return ExplainChanges(statement, format_)
        raise StatementSyntaxError("EXPLAIN CHANGES of ALTER supports only REFRESH")
    name = cursor.name()
    cursor.end()
    return ExplainChanges(name, format_)
