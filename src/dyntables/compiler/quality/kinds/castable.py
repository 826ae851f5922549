"""A text is written as a value of a type: by a pattern, as a cast that fails would end the whole query."""

from __future__ import annotations

from dyntables.compiler.names import literal
from dyntables.compiler.quality.kind import Dimension, Kind, Parameter, Sort

_DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_PATTERNS = {
    "integer": r"^\s*[-+]?[0-9]{1,9}\s*$",
    "bigint": r"^\s*[-+]?[0-9]{1,18}\s*$",
    "numeric": r"^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?\s*$",
    "boolean": r"(?i)^\s*(t|true|f|false|y|yes|n|no|on|off|1|0)\s*$",
    "date": rf"^\s*{_DATE}\s*$",
    "timestamp": rf"^\s*{_DATE}[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?\s*$",
    "uuid": r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
}


KIND = Kind(
    "castable",
    Dimension.VALIDITY,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("type", Sort.WORD, words=tuple(_PATTERNS)),
    ),
    "a text is written as a value of a type",
    predicate=lambda given: f"{given['column']}::text ~ {literal(_PATTERNS[given['type']])}",
)
