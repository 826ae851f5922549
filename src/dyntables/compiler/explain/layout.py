"""Generated SQL in lines that can be read: clauses below each other, subqueries indented. Only white space changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dyntables.compiler.depth import deep

_WIDTH = 110
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[A-Za-z_][\w$]*|[()]|[^\s()'\"A-Za-z_]+)")
_CLAUSES = (
    "SELECT", "FROM", "JOIN", "LEFT JOIN", "FULL JOIN", "CROSS JOIN", "WHERE", "GROUP BY", "HAVING", "ORDER BY",
    "UNION ALL", "SET", "VALUES", "INSERT INTO", "WITH", "LIMIT", "OFFSET", "FETCH FIRST", "WINDOW",
)  # fmt: skip
_QUERY = ("SELECT", "WITH", "DELETE", "VALUES")


@dataclass(frozen=True, slots=True)
class _Token:
    """One token, and whether white space stands before it."""

    text: str
    apart: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """What stands between two parentheses."""

    parts: tuple[_Token | _Group, ...]
    apart: bool


_Part = _Token | _Group


def lay_out(sql: str) -> str:
    """Return a statement in lines."""
    tokens = (_Token(m[1], m[0] != m[1]) for m in _TOKEN.finditer(sql))
    return "\n".join(_lines(_group(tokens, apart=False).parts, 0))


@deep(6)
def _group(tokens: Iterator[_Token], *, apart: bool) -> _Group:
    parts: list[_Part] = []
    for token in tokens:
        if token.text == "(":
            parts.append(_group(tokens, apart=token.apart))
        elif token.text == ")":
            break
        else:
            parts.append(token)
    return _Group(tuple(parts), apart)


@deep(5)
def _flat(parts: tuple[_Part, ...]) -> str:
    texts = []
    for part in parts:
        text = f"({_flat(part.parts)})" if isinstance(part, _Group) else part.text
        texts.append(f" {text}" if part.apart else text)
    return "".join(texts).strip()


@deep(8)
def _lines(parts: tuple[_Part, ...], indent: int) -> list[str]:
    """Return the clauses of one query, each on lines of its own."""
    lines = []
    for clause in _split(parts):
        lines += _clause(clause, indent)
    return lines


@deep(8)
def _clause(parts: tuple[_Part, ...], indent: int) -> list[str]:
    """Return a clause; where it does not fit, its queries are broken, and lists and conditions go on below."""
    if indent + len(_flat(parts)) <= _WIDTH:
        return [" " * indent + _flat(parts)]
    lines, line = [], " " * indent
    for number, part in enumerate(parts):
        space = " " if part.apart and line.strip() else ""
        if isinstance(part, _Group) and (_breaks(part) or _holds_query(part)):
            lines += [f"{line}{space}(", *_lines(part.parts, indent + 2)]
            line = " " * indent + ")"
            continue
        text = _flat((part,))
        if _may_go_on(parts, number) and len(line) + len(_flat(_piece(parts, number))) >= _WIDTH:
            lines.append(line)
            line, space = " " * (indent + 4), ""
        line += space + text
    return [*lines, line]


def _may_go_on(parts: tuple[_Part, ...], number: int) -> bool:
    """Tell whether a line may end before a part: behind a comma, or before AND and OR."""
    before, part = parts[number - 1] if number else None, parts[number]
    return (isinstance(before, _Token) and before.text.endswith(",")) or (
        isinstance(part, _Token) and part.text in ("AND", "OR")
    )


def _piece(parts: tuple[_Part, ...], start: int) -> tuple[_Part, ...]:
    """Return the parts up to the next place where a line may end."""
    end = start + 1
    while end < len(parts) and not _may_go_on(parts, end):
        end += 1
    return parts[start:end]


def _breaks(group: _Group) -> bool:
    """Tell whether a group is a query too long for a line."""
    first = group.parts[0] if group.parts else None
    queries = isinstance(first, _Token) and first.text in _QUERY
    return queries and len(_flat(group.parts)) > _WIDTH * 2 // 3


def _holds_query(group: _Group) -> bool:
    return any(isinstance(p, _Group) and (_breaks(p) or _holds_query(p)) for p in group.parts)


def _split(parts: tuple[_Part, ...]) -> list[tuple[_Part, ...]]:
    """Split a query before each of its clauses."""
    found: list[list[_Part]] = [[]]
    for number, part in enumerate(parts):
        if _starts_clause(parts, number) and found[-1]:
            found.append([])
        found[-1].append(part)
    return [tuple(f) for f in found]


def _starts_clause(parts: tuple[_Part, ...], number: int) -> bool:
    words = [p.text if isinstance(p, _Token) else "(" for p in parts[number : number + 2]]
    if words[0] not in _CLAUSES and " ".join(words) not in _CLAUSES:
        return False
    before = parts[number - 1] if number else None
    if isinstance(before, _Token) and before.text in ("LEFT", "FULL", "CROSS", "UNION", "DISTINCT", "UPDATE"):
        return False
    # Part of an operator or of a call's arguments: IS DISTINCT FROM, DELETE FROM, WITH TIES.
    if words[0] == "FROM":
        return not (isinstance(before, _Token) and before.text in ("DISTINCT", "DELETE"))
    return not (words[0] == "WITH" and number > 0)
