"""The one table of Snowflake's functions: what each becomes, or why it is refused."""

from __future__ import annotations

from dyntables.compiler.dialects.snowflake.functions.aggregates import AGGREGATES, WINDOWS
from dyntables.compiler.dialects.snowflake.functions.conversions import CONVERSIONS
from dyntables.compiler.dialects.snowflake.functions.dates import DATES
from dyntables.compiler.dialects.snowflake.functions.entry import Call, Entry, Kind
from dyntables.compiler.dialects.snowflake.functions.json import JSON
from dyntables.compiler.dialects.snowflake.functions.refused import REFUSED
from dyntables.compiler.dialects.snowflake.functions.scalars import CONDITIONALS, NUMBERS
from dyntables.compiler.dialects.snowflake.functions.texts import PATTERNS, TEXTS

SECTIONS: dict[str, tuple[Entry, ...]] = {
    "Conditions": CONDITIONALS,
    "Numbers": NUMBERS,
    "Text": TEXTS,
    "Regular expressions": PATTERNS,
    "Dates and times": DATES,
    "Conversion": CONVERSIONS,
    "Semi-structured data": JSON,
    "Aggregates": AGGREGATES,
    "Window functions": WINDOWS,
    "Refused": REFUSED,
}

FUNCTIONS: dict[str, Entry] = {entry.name: entry for section in SECTIONS.values() for entry in section}

__all__ = ["FUNCTIONS", "SECTIONS", "Call", "Entry", "Kind"]
