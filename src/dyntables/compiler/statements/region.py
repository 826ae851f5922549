"""FROZEN WHERE (predicate) and BACKFILL FROM table."""

from __future__ import annotations

from dyntables.compiler.statements.cursor import Cursor
from dyntables.compiler.statements.model import FrozenWhere


def frozen_where(cursor: Cursor) -> FrozenWhere:
    """Read FROZEN WHERE, or its old spelling IMMUTABLE WHERE, and the predicate in parentheses."""
    cursor.take()
    cursor.expect("WHERE")
    cursor.accept_symbol("=")
    start = cursor.token.end
    end = cursor.skip_parentheses() - 1
    text = cursor.text[start:end].strip()
    if not text:
        raise cursor.error("expected a predicate in parentheses")
    return FrozenWhere(text, cursor.text, start + cursor.text[start:end].index(text))


def backfill_from(cursor: Cursor) -> tuple[str, ...]:
    """Read BACKFILL FROM and the parts of a table's name."""
    cursor.expect("BACKFILL", "FROM")
    name = cursor.name()
    if cursor.peek_words("AT") or cursor.peek_words("BEFORE"):
        raise cursor.error(
            "BACKFILL FROM … AT and BEFORE are not supported: there is no time travel",
            hint="Copy the rows of that time into a table, and name it.",
        )
    return name.parts
