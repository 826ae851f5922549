"""Split a script into statements."""

from __future__ import annotations

from dataclasses import dataclass

from dyntables.compiler.statements.lexer import Kind, tokenize


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement of a script, and where it begins."""

    text: str
    start: int


def split_statements(text: str, *, snowflake: bool = False) -> list[Piece]:
    """Split at semicolons outside of strings, comments and ``BEGIN ATOMIC … END`` bodies; drop empty statements."""
    pieces: list[Piece] = []
    begin: int | None = None
    last = depth = 0
    previous_begin = False
    for token in tokenize(text, snowflake=snowflake):
        ends = token.kind is Kind.END or (token.kind is Kind.SYMBOL and token.value == ";" and depth == 0)
        if ends:
            if begin is not None:
                pieces.append(Piece(text[begin:last], begin))
            begin = None
            continue
        if begin is None:
            begin = token.start
        last = token.end
        if token.is_word("ATOMIC") and previous_begin:
            depth = 1
        elif depth and token.is_word("CASE"):
            depth += 1
        elif depth and token.is_word("END"):
            depth -= 1
        previous_begin = token.is_word("BEGIN")
    return pieces
