"""Tokens by PostgreSQL's lexical rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from dyntables.errors import Span, StatementSyntaxError


class Kind(StrEnum):
    """What a token is."""

    WORD = "WORD"
    QUOTED = "QUOTED"
    STRING = "STRING"
    NUMBER = "NUMBER"
    SYMBOL = "SYMBOL"
    END = "END"


@dataclass(frozen=True, slots=True)
class Token:
    """A token; ``value`` is the folded name, the contents of a string, or the text itself."""

    kind: Kind
    value: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Tell whether this is one of the given key words."""
        return self.kind is Kind.WORD and self.value.upper() in words


_SPACE = re.compile(r"\s+|--[^\n]*")
_SNOWFLAKE_SPACE = re.compile(r"\s+|(--|//)[^\n]*")
_WORD = re.compile(r"[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*")
_NUMBER = re.compile(r"\d+(\.\d*)?([eE][+-]?\d+)?|\.\d+")
_DOLLAR = re.compile(r"\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$")


def tokenize(text: str, *, snowflake: bool = False) -> list[Token]:
    """Return the tokens of a text, the last of which is END.

    After ``DIALECT = SNOWFLAKE``, or from the start if asked, Snowflake's rules hold until the statement ends: the
    backslash escapes in strings, and ``//`` begins a comment.

    Raises:
        StatementSyntaxError: a string, quoted name or comment is not closed.
    """
    tokens: list[Token] = []
    at = 0
    foreign = snowflake
    while at < len(text):
        space = (_SNOWFLAKE_SPACE if foreign else _SPACE).match(text, at)
        if space:
            at = space.end()
            continue
        if text.startswith("/*", at):
            at = _comment(text, at)
            continue
        token = _token(text, at, escapes=foreign)
        tokens.append(token)
        foreign = _rules_after(tokens, foreign, snowflake)
        at = token.end
    tokens.append(Token(Kind.END, "", len(text), len(text)))
    return tokens


def _rules_after(tokens: list[Token], foreign: bool, default: bool) -> bool:
    """Tell whether Snowflake's rules hold after the last token."""
    last = tokens[-1]
    if last.kind is Kind.SYMBOL and last.value == ";":
        return default
    words = [t.value.lower() for t in tokens[-3:-1]]
    if last.kind is Kind.WORD and (words == ["dialect", "="] or words[-1:] == ["dialect"]):
        return last.is_word("SNOWFLAKE") or (foreign and not last.is_word("POSTGRESQL"))
    return foreign


def _token(text: str, at: int, *, escapes: bool) -> Token:
    char = text[at]
    if char in "eE" and text.startswith("'", at + 1):
        return _string(text, at, at + 1, escapes=True)
    if char == "'":
        return _string(text, at, at, escapes=escapes)
    if char == '"':
        return _quoted(text, at)
    dollar = _DOLLAR.match(text, at)
    if dollar:
        end = text.find(dollar[0], dollar.end())
        if end < 0:
            raise _unclosed(text, at, "dollar-quoted string")
        return Token(Kind.STRING, text[dollar.end() : end], at, end + len(dollar[0]))
    word = _WORD.match(text, at)
    if word:
        return Token(Kind.WORD, word[0].lower(), at, word.end())
    number = _NUMBER.match(text, at)
    if number:
        return Token(Kind.NUMBER, number[0], at, number.end())
    return Token(Kind.SYMBOL, char, at, at + 1)


def _string(text: str, start: int, quote: int, *, escapes: bool) -> Token:
    at = quote + 1
    value: list[str] = []
    while at < len(text):
        if escapes and text[at] == "\\":
            value.append(text[at + 1 : at + 2])
            at += 2
        elif text.startswith("''", at):
            value.append("'")
            at += 2
        elif text[at] == "'":
            return Token(Kind.STRING, "".join(value), start, at + 1)
        else:
            value.append(text[at])
            at += 1
    raise _unclosed(text, start, "string")


def _quoted(text: str, start: int) -> Token:
    at = start + 1
    while True:
        end = text.find('"', at)
        if end < 0:
            raise _unclosed(text, start, "quoted name")
        if text.startswith('""', end):
            at = end + 2
            continue
        return Token(Kind.QUOTED, text[start + 1 : end].replace('""', '"'), start, end + 1)


def _comment(text: str, start: int) -> int:
    depth, at = 0, start
    while at < len(text):
        if text.startswith("/*", at):
            depth, at = depth + 1, at + 2
        elif text.startswith("*/", at):
            depth, at = depth - 1, at + 2
            if depth == 0:
                return at
        else:
            at += 1
    raise _unclosed(text, start, "comment")


def _unclosed(text: str, start: int, what: str) -> StatementSyntaxError:
    return StatementSyntaxError(f"a {what} is not closed", span=Span(text, start, start + 1))
