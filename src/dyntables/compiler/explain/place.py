"""Where in the user's query something stands of which the server's own text is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\w+|[^\w\s]")
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the user's query something stands: line and column from 1, ``start`` in characters from 0."""

    line: int
    column: int
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int


def locate(query: str, fragment: str | None) -> Place | None:
    """Find a fragment of the server's text in what the user wrote, who may have spelt it differently.

    The server qualifies names, adds casts and parentheses and spells keywords its own way; so tokens are compared, and
    the likest place is taken. A name that stands in the query is always found.
    """
    if not fragment:
        return None
    wanted, have = _tokens(fragment), _tokens(query)
    texts = [t.text for t in have]
    found = _likest([t.text for t in wanted], texts)
    if found is None:
        return None
    start, end = have[found[0]].start, _closed(query, have[found[0]].start, have[found[1] - 1].end)
    line = query.count("\n", 0, start) + 1
    return Place(line, start - query.rfind("\n", 0, start), start, query[start : min(end, start + _LONGEST)])


def _tokens(text: str) -> list[_Token]:
    """Return the tokens without parentheses, which the server adds at will; names without quotes."""
    found = (_Token(m[0].strip('"').lower(), m.start(), m.end()) for m in _TOKEN.finditer(text))
    return [t for t in found if t.text not in ("(", ")")]


def _likest(wanted: list[str], have: list[str]) -> tuple[int, int] | None:
    """Return the range of tokens that is most like the wanted ones, if any word of them occurs."""
    best, place = 0.0, None
    for first, text in enumerate(wanted):
        # Mostly the fragment's first word occurs; otherwise its first word that does is looked for.
        if not re.match(r"\w|'", text):
            continue
        for start, other in enumerate(have):
            if other != text:
                continue
            matcher = SequenceMatcher(None, wanted[first:], have[start : start + len(wanted)], autojunk=False)
            blocks = [b for b in matcher.get_matching_blocks() if b.size]
            length = blocks[-1].b + blocks[-1].size
            likeness = sum(b.size for b in blocks) / (len(wanted) - first + length)
            if likeness > best:
                best, place = likeness, (start, start + length)
        if place is not None:
            return place
    return None


def _closed(query: str, start: int, end: int) -> int:
    """Return the end with the parentheses that were opened and stand right behind it."""
    while query.count("(", start, end) > query.count(")", start, end) and query[end:].lstrip().startswith(")"):
        end = query.index(")", end) + 1
    return end + 2 if query.startswith("()", end) else end
