"""Replace the names of objects in text that the server wrote, where every name is qualified."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.statements.lexer import Kind, Token, tokenize

Name = tuple[str, str]
_MOST = 256
_REFERENCES = {
    "regclass", "regproc", "regprocedure", "regoper", "regoperator", "regtype", "regconfig", "regdictionary",
    "regcollation", "regnamespace",
}  # fmt: skip


class Sort(StrEnum):
    """What has a name: each sort is written in places of its own."""

    FUNCTION = "function"
    OPERATOR = "operator"
    TYPE = "type"
    COLLATION = "collation"
    ATTRIBUTE = "attribute"
    LABEL = "label"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Rename:
    """How to write an object now, perhaps as before: it only must not be mistaken for another of the same name.

    ``old``: the name in the text, (schema, name); of an attribute, and of the text of a reference, one part; of a label
    (schema, type, label). ``new``: what to write instead.
    """

    sort: Sort
    old: tuple[str, ...]
    new: str


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


def rename_objects(texts: Sequence[str], renames: Sequence[Rename]) -> Iterator[list[str]]:
    """Yield the texts with the present names.

    A place may stand for one of several objects, such as functions of one name for several types. Then there are
    several readings, the likelier ones first; the caller asks the server which of them is meant.
    """
    found = [(number, place) for number, text in enumerate(texts) for place in _Places(text, renames).find()]
    for choice in itertools.islice(itertools.product(*(place.choices for _, place in found)), _MOST):
        pairs = list(zip(found, choice, strict=True))
        yield [
            _replaced(text, [(place, new) for (at, place), new in pairs if at == number])
            for number, text in enumerate(texts)
        ]


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    end: int
    choices: tuple[str, ...]


def _replaced(text: str, places: Sequence[tuple[_Place, str]]) -> str:
    out, at = [], 0
    for place, new in places:
        out += [text[at : place.start], new]
        at = place.end
    return "".join(out) + text[at:]


class _Places:
    """Finds the places of one text where names stand that are looked for."""

    def __init__(self, text: str, renames: Sequence[Rename]) -> None:
        self._text = text
        self._tokens = tokenize(text)
        self._new: dict[tuple[Sort, tuple[str, ...]], list[str]] = {}
        for rename in renames:
            known = self._new.setdefault((rename.sort, rename.old), [])
            if rename.new not in known:
                known.append(rename.new)

    def find(self) -> Iterator[_Place]:
        attributes: set[int] = set()
        for at, token in enumerate(self._tokens[:-1]):
            if token.kind is Kind.STRING:
                yield from self._string(at)
            elif not _is_name(token):
                continue
            elif self._value(at - 1) == "." and (self._value(at - 2) in (")", "]") or at - 2 in attributes):
                attributes.add(at)
                yield from self._at(at, at, Sort.ATTRIBUTE, (token.value,), keep=True)
            elif self._value(at + 1) == "." and self._value(at - 1) != ".":
                yield from self._pair(at)

    def _pair(self, at: int) -> Iterator[_Place]:
        """A qualified name: what stands around it tells what it is a name of."""
        tokens, before = self._tokens, self._tokens[at - 1] if at else None
        if before is not None and before.value == "(" and at > 1 and tokens[at - 2].is_word("OPERATOR"):
            end = next(i for i in range(at + 2, len(tokens)) if tokens[i].value == ")") - 1
            symbol = self._text[tokens[at + 2].start : tokens[end].end]
            yield from self._at(at, end, Sort.OPERATOR, (tokens[at].value, symbol))
            return
        if not _is_name(tokens[at + 2]):
            return
        name, cast = (tokens[at].value, tokens[at + 2].value), self._casts(at - 1) is not None
        if before is not None and before.is_word("COLLATE"):
            yield from self._at(at, at + 2, Sort.COLLATION, name)
        elif cast:
            yield from self._at(at, at + 2, Sort.TYPE, name)
        elif self._value(at + 3) == "(":
            yield from self._at(at, at + 2, Sort.FUNCTION, name)
        elif before is not None and _is_name(before):
            # The type of a column that is defined after a function; or a column, after a key word.
            yield from self._at(at, at + 2, Sort.TYPE, name, keep=True)

    def _string(self, at: int) -> Iterator[_Place]:
        """A constant that is written by its name: a label of an enum, or a reference to an object."""
        tokens, token = self._tokens, self._tokens[at]
        cast = self._casts(at + 2) or self._casts(at + 1)
        if cast is None:
            return
        if tokens[cast].value in _REFERENCES:
            yield from self._at(at, at, Sort.REFERENCE, (token.value,))
        elif self._value(cast + 1) == "." and cast + 2 < len(tokens):
            schema, name = tokens[cast].value, tokens[cast + 2].value
            if self._value(cast + 3) == "[":
                yield from self._array(token, schema, name)
            else:
                yield from self._at(at, at, Sort.LABEL, (schema, name, token.value))

    def _casts(self, at: int) -> int | None:
        """Return where the type begins if a cast ends at a token: the server's ``::``, or the AS of our CAST."""
        if self._value(at) == self._value(at - 1) == ":":
            return at + 1
        if 0 <= at < len(self._tokens) and self._tokens[at].is_word("AS"):
            return at + 1
        return None

    def _array(self, token: Token, schema: str, name: str) -> Iterator[_Place]:
        labels = {
            old[2]: tokenize(new[0])[0].value
            for (sort, old), new in self._new.items()
            if sort is Sort.LABEL and old[:2] == (schema, name)
        }
        relabelled = _relabelled(token.value, labels)
        if relabelled != token.value:
            yield _Place(token.start, token.end, (literal(relabelled),))

    def _at(self, first: int, last: int, sort: Sort, old: tuple[str, ...], *, keep: bool = False) -> Iterator[_Place]:
        """Yield the place of some tokens if what they name is looked for; ``keep``: it may be something else."""
        new = self._new.get((sort, old), [])
        start, end = self._tokens[first].start, self._tokens[last].end
        choices = new + ([self._text[start:end]] if keep and new else [])
        if choices:
            yield _Place(start, end, tuple(dict.fromkeys(choices)))

    def _value(self, at: int) -> str:
        return self._tokens[at].value if 0 <= at < len(self._tokens) else ""


def _relabelled(array: str, labels: Mapping[str, str]) -> str:
    """Return an array as the server prints it, with other elements."""
    out, at = [], 0
    while at < len(array):
        end = at
        if array[at] == '"':
            end = at + 1
            while array[end] != '"':
                end += 2 if array[end] == "\\" else 1
            end += 1
        else:
            while end < len(array) and array[end] not in '{},"':
                end += 1
        part = array[at : max(end, at + 1)]
        label = part[1:-1].replace('\\"', '"').replace("\\\\", "\\") if part.startswith('"') and len(part) > 1 else part
        new = labels.get(label, label)
        quoted = '"' + new.replace("\\", "\\\\").replace('"', '\\"') + '"'
        out.append(part if new == label else quoted)
        at += len(part)
    return "".join(out)


def _is_name(token: Token) -> bool:
    return token.kind in (Kind.WORD, Kind.QUOTED)
