"""Clauses that only mean something in Snowflake's cloud, such as policies: they are read, and kept as metadata.

A column list keeps those of a column under ``COLUMN name …``, a table under the words that the clause begins with.
"""

from __future__ import annotations

import difflib

from dyntables.compiler.statements.cursor import Cursor
from dyntables.compiler.statements.lexer import Kind
from dyntables.compiler.statements.model import (
    CommentColumns,
    Options,
    SetOptions,
    Statement,
    UnsetOptions,
)
from dyntables.compiler.statements.qualified import QualifiedName

_OF_COLUMNS = (("MASKING", "POLICY"), ("PROJECTION", "POLICY"), ("TAG",), ("CONTACT",))
_ADDED = (
    ("ROW", "ACCESS", "POLICY"), ("STORAGE", "LIFECYCLE", "POLICY"), ("SEARCH", "OPTIMIZATION"),
    ("DATA", "METRIC", "FUNCTION"),
)  # fmt: skip
# What UNSET takes of more than one word, and whether a name follows.
_UNSET_PHRASES = {
    ("FROZEN", "WHERE"): False, ("IMMUTABLE", "WHERE"): False,
    ("EXECUTE", "AS", "USER"): False, ("AGGREGATION", "POLICY"): False, ("CONTACT",): True, ("TAG",): True,
}  # fmt: skip

_CHANGED = "The columns themselves change by CREATE OR ALTER."


def column_clause(cursor: Cursor) -> tuple[str, str] | None:
    """Step over a clause of a column that is kept as metadata; return its words and its text, or None."""
    start = cursor.at
    begin = cursor.token.start
    cursor.accept("WITH")
    for phrase in _OF_COLUMNS:
        if cursor.accept(*phrase):
            end = cursor.tokens[cursor.at - 1].end
            while not (cursor.peek_symbol(",") or cursor.peek_symbol(")") or _begins_clause(cursor)):
                end = cursor.skip_parentheses() if cursor.peek_symbol("(") else cursor.take().end
            return " ".join(phrase), cursor.text[begin:end]
    cursor.at = start
    return None


def alter_clause(cursor: Cursor, name: QualifiedName, if_exists: bool) -> Statement | None:
    """Read a clause of ALTER that concerns columns or only Snowflake's cloud; None if another one comes."""
    if cursor.peek_words("ALTER") or cursor.peek_words("MODIFY"):
        return _columns(cursor, name, if_exists)
    for verb in ("SUSPEND", "RESUME"):
        if cursor.accept(verb, "RECLUSTER"):
            return SetOptions(name, Options(ignored=(("RECLUSTER", verb),)), if_exists)
    if cursor.accept("DROP", "CLUSTERING", "KEY"):
        return UnsetOptions(name, ("CLUSTER_BY",), if_exists)
    if cursor.accept("DROP", "ALL", "ROW", "ACCESS", "POLICIES"):
        return UnsetOptions(name, ("ROW ACCESS POLICY",), if_exists)
    for verb in ("ADD", "DROP", "SUSPEND", "RESUME"):
        for phrase in _ADDED:
            if cursor.accept(verb, *phrase):
                kept = " ".join(phrase)
                text = f"{verb} {kept}{_rest(cursor)}"
                dropped = verb == "DROP" and phrase != ("SEARCH", "OPTIMIZATION")
                return (
                    UnsetOptions(name, (kept,), if_exists)
                    if dropped
                    else SetOptions(name, Options(ignored=((kept, text),)), if_exists)
                )
    return None


def unset_names(cursor: Cursor, known: list[str]) -> tuple[str, ...]:
    """Read what UNSET names: options of ``known``, and those that are phrases."""
    names = [_unset_name(cursor, known)]
    while cursor.accept_symbol(",") or cursor.token.kind is Kind.WORD:
        names.append(_unset_name(cursor, known))
    return tuple(names)


def _unset_name(cursor: Cursor, known: list[str]) -> str:
    for phrase, named in _UNSET_PHRASES.items():
        if cursor.accept(*phrase):
            if named and cursor.token.kind in (Kind.WORD, Kind.QUOTED):
                cursor.take()
            return " ".join(phrase)
    token = cursor.token
    word = cursor.identifier("an option").upper()
    if word not in known:
        close = difflib.get_close_matches(word, known, 1, 0.6)
        hint = f"Did you mean {close[0]}?" if close else None
        raise cursor.error(f'unknown option "{cursor.text[token.start : token.end]}"', hint=hint, at=token)
    return word


def _columns(cursor: Cursor, name: QualifiedName, if_exists: bool) -> Statement:
    cursor.take()
    cursor.accept("COLUMN")
    comments: list[tuple[str, str | None]] = []
    while True:
        column = cursor.identifier("a column")
        if cursor.accept("COMMENT"):
            comments.append((column, cursor.string("a comment")))
        elif cursor.accept("UNSET", "COMMENT"):
            comments.append((column, None))
        elif not comments:
            return _of_column(cursor, name, if_exists, column)
        else:
            raise cursor.error("expected COMMENT or UNSET COMMENT", hint=_CHANGED)
        if not cursor.accept_symbol(","):
            return CommentColumns(name, tuple(comments), if_exists)
        if cursor.accept("ALTER") or cursor.accept("MODIFY") or cursor.peek_words("COLUMN"):
            cursor.accept("COLUMN")


def _of_column(cursor: Cursor, name: QualifiedName, if_exists: bool, column: str) -> Statement:
    unset = cursor.accept("UNSET")
    if not unset and not cursor.accept("SET"):
        raise cursor.error("expected COMMENT, UNSET COMMENT, or SET or UNSET of a policy or a tag", hint=_CHANGED)
    for phrase in _OF_COLUMNS:
        if cursor.accept(*phrase):
            kept = f"COLUMN {column} {' '.join(phrase)}"
            text = _rest(cursor).strip()
            return (
                UnsetOptions(name, (kept,), if_exists)
                if unset
                else SetOptions(name, Options(ignored=((kept, text),)), if_exists)
            )
    raise cursor.error("expected MASKING POLICY, PROJECTION POLICY, TAG or CONTACT")


def _begins_clause(cursor: Cursor) -> bool:
    clauses = (*_OF_COLUMNS, ("COMMENT",), ("WITH",))
    return any(cursor.peek_words(*phrase) for phrase in clauses)


def _rest(cursor: Cursor) -> str:
    """Step over what is left of the statement; return it."""
    begin = end = cursor.tokens[cursor.at - 1].end
    while cursor.token.kind is not Kind.END and not cursor.peek_symbol(";"):
        end = cursor.take().end
    return cursor.text[begin:end]
