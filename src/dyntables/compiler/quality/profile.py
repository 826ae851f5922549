"""The profile of a table: one look at its rows, or at the first of them, by which rules suggest themselves.

For each column how many values are NULL and how many are different; of numbers and times the least and the greatest; of
texts whether one is blank, and which well-known form all of them have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.plan.algebra.nodes import SqlType
from dyntables.compiler.quality.kinds.format import PATTERNS

SAMPLE = 100_000
# Forms that texts seldom have by chance.
FORMATS = ("email", "uuid", "url", "e164")
_ORDERED = re.compile(r"(smallint|integer|bigint|numeric|real|double precision|date|timestamp)\b")
_TEXT = re.compile(r"(text|character varying|character|citext)\b")
FEW = 12
_MEMBERS = 50


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What was seen of a column; ``least`` and ``greatest`` are texts, None if it has no order that a range is of.

    ``values``: the different values, of a column that has few of them.
    """

    name: str
    type: str
    known: int
    different: int | None
    least: str | None = None
    greatest: str | None = None
    blank: bool = False
    format: str | None = None
    values: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return bool(_TEXT.match(self.type))


@dataclass(frozen=True, slots=True)
class Profile:
    """What was seen of a table; ``whole``: all of its rows were looked at."""

    rows: int
    whole: bool
    columns: tuple[ColumnProfile, ...]


def profile_query(schema: str, name: str, columns: Sequence[tuple[str, SqlType]]) -> str:
    """Return the query of one row: one object, the figures of each column by its number."""
    figures = _object([(f"'{number}'", _figures(*column)) for number, column in enumerate(columns)])
    return (
        f"SELECT count(*), ({figures})::text "
        f"FROM (SELECT * FROM {quote_qualified(schema, name)} LIMIT {SAMPLE + 1}) profiled_q"
    )


def values_query(schema: str, name: str, columns: Sequence[str]) -> str:
    """Return the query of one row: one object, the different values of columns that have few, as texts."""
    values = "array_agg(DISTINCT {0}::text) FILTER (WHERE {0} IS NOT NULL)"
    lists = _object([(literal(c), values.format(quote_qualified(c))) for c in columns])
    return f"SELECT ({lists})::text FROM (SELECT * FROM {quote_qualified(schema, name)} LIMIT {SAMPLE + 1}) profiled_q"


def read_profile(
    rows: int, figures: Mapping[str, Mapping[str, Any]], columns: Sequence[tuple[str, SqlType]]
) -> Profile:
    """Return a profile from what its query gave."""
    found = []
    for number, (name, sql_type) in enumerate(columns):
        seen = figures[str(number)]
        form = next((f for f in FORMATS if seen.get(f)), None)
        found.append(
            ColumnProfile(
                name, sql_type.name, int(seen["known"]), seen.get("different"), seen.get("least"), seen.get("greatest"),
                bool(seen.get("blank")), form,
            )
        )  # fmt: skip
    return Profile(rows, rows <= SAMPLE, tuple(found))


def few_values(profile: Profile) -> list[str]:
    """Return the columns that have so few different values that these may be all that there are."""
    return [
        c.name
        for c in profile.columns
        if c.is_text and c.different is not None and 1 <= c.different <= FEW and c.known >= 20 * c.different
    ]


def _object(members: Sequence[tuple[str, str]]) -> str:
    """Return an object as SQL; a function takes at most a hundred arguments."""
    parts = [members[at : at + _MEMBERS] for at in range(0, max(1, len(members)), _MEMBERS)]
    return " || ".join(f"jsonb_build_object({', '.join(f'{k}, {v}' for k, v in part)})" for part in parts)


def _figures(name: str, sql_type: SqlType) -> str:
    column = quote_qualified(name)
    parts = [f"'known', count({column})"]
    if sql_type.groupable and sql_type.sortable and not sql_type.array:
        parts.append(f"'different', count(DISTINCT {column})")
    if _ORDERED.match(sql_type.name):
        parts += [f"'least', min({column})::text", f"'greatest', max({column})::text"]
    if _TEXT.match(sql_type.name):
        parts.append(rf"'blank', coalesce(bool_or({column}::text !~ '\S'), false)")
        parts += [f"'{form}', bool_and({column}::text ~ {literal(PATTERNS[form])})" for form in FORMATS]
    return f"jsonb_build_object({', '.join(parts)})"
