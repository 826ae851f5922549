"""Definitions in another dialect: translation, and errors placed in what the user wrote."""

from __future__ import annotations

import re

from dyntables.commands.session import Session
from dyntables.compiler.dialects.snowflake import translate
from dyntables.compiler.statements import CreateDynamicTable, Dialect
from dyntables.engines.postgres.definition.introspect import Introspection
from dyntables.errors import InvalidQueryError, Span, UnsupportedQueryError

_WORD = re.compile(r"\w+")
_HELPER = re.compile(r"function dyntables_snowflake\.(\w+)\((.*)\) (does not exist|is not unique)")
_SHORTEST = 2


def in_postgresql(session: Session, statement: CreateDynamicTable, dialect: Dialect) -> str:
    """Return the query in PostgreSQL's SQL.

    Raises:
        InvalidQueryError, UnsupportedQueryError: with the place in the statement.
    """
    if dialect is Dialect.POSTGRESQL:
        return statement.query
    introspection = Introspection(session.connection, frozenset(), session.actor)
    try:
        return translate(statement.query, introspection.column_names, named=bool(statement.columns))
    except (InvalidQueryError, UnsupportedQueryError) as error:
        if error.span is not None:
            start = statement.query_start
            error.span = Span(statement.text, start + error.span.start, start + error.span.end)
        raise


def place(error: InvalidQueryError, statement: CreateDynamicTable, query: str) -> None:
    """Move a place in the query that the server saw to where the user wrote it, or show that query."""
    if query == statement.query:
        if error.span is not None:
            at = error.span.start + statement.query_start
            error.span = Span(statement.text, at, at + 1)
        return
    _name_types(error)
    found = _same_word(error.span, statement) if error.span is not None else None
    error.span = found
    if found is None:
        shown = f"The query was translated to: {query}"
        error.detail = f"{error.detail} {shown}" if error.detail else shown


def _name_types(error: InvalidQueryError) -> None:
    match = _HELPER.search(error.message)
    if match:
        error.message = f"Snowflake's {match[1].upper()} is not carried over for the types ({match[2]})"
        error.hint = "Add a cast that says what is meant."


def _same_word(span: Span, statement: CreateDynamicTable) -> Span | None:
    """Find the word at a place in the translated query in the user's, if it is there once."""
    match = _WORD.search(span.text, span.start)
    if match is None or len(match[0]) < _SHORTEST or span.text[span.start : match.start()].strip('"'):
        return None
    places = list(re.finditer(rf"(?<!\w){re.escape(match[0])}(?!\w)", statement.query, re.IGNORECASE))
    if len(places) != 1:
        return None
    start = statement.query_start + places[0].start()
    return Span(statement.text, start, start + len(match[0]))
