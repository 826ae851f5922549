"""Rules that suggest themselves from the profile of a table, each with what was seen. Pure.

What was so of all rows until now need not be a rule: so each is a suggestion, for people to take or leave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dyntables.compiler.names import literal
from dyntables.compiler.quality.profile import ColumnProfile, Profile

_ENOUGH = 10
_TIME = re.compile(r"(date|timestamp)\b")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule with its name, and the evidence for it; ``arguments`` as they are typed into a form."""

    name: str
    kind: str
    arguments: tuple[str, ...]
    evidence: str


def suggest(profile: Profile, today: date) -> list[Suggestion]:
    """Return the rules that hold of all rows that were seen."""
    if profile.rows < _ENOUGH:
        return []
    seen = f"{profile.rows:,} rows" if profile.whole else f"the {profile.rows - 1:,} rows that were looked at"
    found = [s for column in profile.columns for s in _of_column(column, profile, seen, today)]
    if profile.whole:
        low, high = profile.rows // 2, profile.rows * 2
        evidence = f"it has {profile.rows:,} rows; half and twice as many would be odd"
        found.append(Suggestion("row_count", "row_count", (str(low), str(high)), evidence))
    return found


def _of_column(column: ColumnProfile, profile: Profile, seen: str, today: date) -> Iterator[Suggestion]:
    if column.known == 0:
        return
    name = column.name
    if column.known == profile.rows:
        yield Suggestion(f"{name}_not_null", "not_null", (name,), f"no NULL in {seen}")
    if column.different == column.known and column.known >= _ENOUGH and _names_rows(column):
        yield Suggestion(f"{name}_unique", "unique", (name,), f"{column.different:,} different values in {seen}")
    if column.is_text:
        yield from _of_text(column, seen)
    elif column.least is not None and column.greatest is not None:
        yield from _of_order(column, today)


def _of_text(column: ColumnProfile, seen: str) -> Iterator[Suggestion]:
    name = column.name
    if column.format is not None:
        evidence = f"each value in {seen} has the form of {column.format}"
        yield Suggestion(f"{name}_{column.format}", "format", (name, column.format), evidence)
    elif column.values:
        listed = ", ".join(column.values)
        evidence = f"{len(column.values)} different values in {seen}: {listed}"
        yield Suggestion(
            f"{name}_accepted", "accepted_values", (name, *(literal(v).strip() for v in column.values)), evidence
        )
    elif not column.blank:
        yield Suggestion(f"{name}_not_blank", "not_blank", (name,), f"no blank text in {seen}")


def _of_order(column: ColumnProfile, today: date) -> Iterator[Suggestion]:
    name, least, greatest = column.name, str(column.least), str(column.greatest)
    evidence = f"values from {least} to {greatest}"
    if _TIME.match(column.type):
        # Beyond the year 9999, and before Christ, it is no date of data.
        if greatest[:10] <= today.isoformat() and len(greatest.split("-")[0]) == 4:
            yield Suggestion(f"{name}_not_future", "range", (name, "NULL", "current_date"), evidence)
    elif not least.startswith("-") and least not in ("NaN", "Infinity"):
        yield Suggestion(f"{name}_not_negative", "range", (name, "0", "NULL"), evidence)


def _names_rows(column: ColumnProfile) -> bool:
    """Tell whether a column may be a key: amounts and times are different by chance."""
    return column.is_text or column.type in ("smallint", "integer", "bigint", "uuid")
