"""Matchers of labels, as Alertmanager writes them: ``severity="critical"``, ``table=~"public.*"``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from dyntables.errors import InvalidOptionError

_WRITTEN = re.compile(r'\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"=~!]*))\s*')
_LONGEST = 200


class Operator(StrEnum):
    """How a label is compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LIKE = "=~"
    NOT_LIKE = "!~"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One comparison; a label that is missing is empty. Patterns have ``*`` and ``?``, and ``|`` between several.

    They are no regular expressions: what somebody writes here must not be able to stop the process.
    """

    label: str
    operator: Operator
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels are such."""
        found = labels.get(self.label, "")
        match self.operator:
            case Operator.EQUAL:
                return found == self.value
            case Operator.NOT_EQUAL:
                return found != self.value
            case Operator.LIKE:
                return self._like(found)
            case Operator.NOT_LIKE:
                return not self._like(found)

    def _like(self, found: str) -> bool:
        return any(fnmatchcase(found, pattern) for pattern in self.value.split("|"))

    def __str__(self) -> str:
        value = self.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self.label}{self.operator}"{value}"'


def parse_matcher(text: str) -> Matcher:
    """Read a matcher.

    Raises:
        InvalidOptionError: it is none.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None or len(text) > _LONGEST:
        raise InvalidOptionError(
            f'"{text[:_LONGEST]}" is no matcher of labels',
            hint='Write one such as severity="critical" or table=~"public.*".',
        )
    label, operator, quoted, plain = match.groups()
    value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain
    return Matcher(label, Operator(operator), value)


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Tell whether labels satisfy every matcher."""
    return all(matcher.matches(labels) for matcher in matchers)
