"""Replace the names of relations in text that the server wrote, where every name is qualified."""

from __future__ import annotations

from collections.abc import Mapping

from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements.lexer import Kind, Token, tokenize

Name = tuple[str, str]


def rename_relations(sql: str, names: Mapping[Name, Name]) -> str:
    """Return a query with (schema, name) pairs replaced.

    Only relations and their row types are written as two names; a function is followed by a parenthesis.
    """
    tokens = tokenize(sql)
    out, at, number = [], 0, 0
    while number < len(tokens) - 3:
        first, dot, second, after = tokens[number : number + 4]
        new = names.get((first.value, second.value))
        if (
            new is not None
            and _is_name(first)
            and dot.value == "."
            and _is_name(second)
            and after.value not in (".", "(")
        ):
            out += [sql[at : first.start], quote_qualified(*new)]
            at = second.end
        number += 1
    return "".join(out) + sql[at:]


def _is_name(token: Token) -> bool:
    return token.kind in (Kind.WORD, Kind.QUOTED)
