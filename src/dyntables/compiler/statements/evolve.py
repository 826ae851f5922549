"""The statements by which a table changes without being computed anew: UNDROP, CLONE; and SHOW."""

from __future__ import annotations

from dyntables.compiler.statements.cursor import Cursor
from dyntables.compiler.statements.lexer import Kind
from dyntables.compiler.statements.model import (
    Clone,
    ShowCreate,
    ShowDynamicTables,
    Undrop,
)
from dyntables.compiler.statements.options import parse_options
from dyntables.compiler.statements.qualified import QualifiedName


def parse_undrop(cursor: Cursor) -> Undrop:
    """Return what follows UNDROP DYNAMIC TABLE."""
    undrop = Undrop(cursor.name())
    cursor.end()
    return undrop


def parse_clone(
    cursor: Cursor, name: QualifiedName, *, or_replace: bool, if_not_exists: bool, transient: bool
) -> Clone:
    """Return the CLONE of a table whose name was read; options given replace those of the source."""
    cursor.expect("CLONE")
    source = cursor.name()
    if cursor.peek_words("AT") or cursor.peek_words("BEFORE"):
        raise cursor.error("a clone has the contents of the present; AT and BEFORE are not supported")
    begin = cursor.token
    options = parse_options(cursor, stop=(), create=False)
    cursor.end()
    for option, value in (
        ("REFRESH_MODE", options.refresh_mode),
        ("INITIALIZE", options.timing.initialize),
        ("DIALECT", options.dialect),
        ("CLUSTER BY", options.cluster_by),
    ):
        if value:
            raise cursor.error(
                f"{option} cannot be given with CLONE", hint="A clone has the definition of its source.", at=begin
            )
    return Clone(name, source, or_replace, if_not_exists, transient, options)


def parse_show(cursor: Cursor) -> ShowDynamicTables:
    """Return what follows SHOW DYNAMIC TABLES."""
    history = cursor.accept("HISTORY")
    like = cursor.string("a pattern") if cursor.accept("LIKE") else None
    schema = database = None
    if cursor.accept("IN"):
        if cursor.accept("DATABASE"):
            if cursor.token.kind in (Kind.WORD, Kind.QUOTED) and not _at_filter(cursor):
                database = cursor.identifier("the name of a database")
        elif not cursor.accept("ACCOUNT"):
            cursor.accept("SCHEMA")
            schema = cursor.name().parts[-1]
    starts = cursor.string("a prefix") if cursor.accept("STARTS", "WITH") else None
    limit, after = _limit(cursor) if cursor.accept("LIMIT") else (None, None)
    cursor.end()
    return ShowDynamicTables(like, schema, starts, limit, history, after, database)


def parse_show_create(cursor: Cursor) -> ShowCreate:
    """Return what follows SHOW CREATE DYNAMIC TABLE."""
    shown = ShowCreate(cursor.name())
    cursor.end()
    return shown


def _at_filter(cursor: Cursor) -> bool:
    return cursor.peek_words("STARTS", "WITH") or cursor.peek_words("LIMIT")


def _limit(cursor: Cursor) -> tuple[int, str | None]:
    token = cursor.take()
    if token.kind is not Kind.NUMBER or not token.value.isdigit():
        raise cursor.error("expected a number", at=token)
    return int(token.value), cursor.string("a name") if cursor.accept("FROM") else None
