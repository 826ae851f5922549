"""A text has a well-known form."""

from __future__ import annotations

from dyntables.compiler.names import literal
from dyntables.compiler.quality.kind import Dimension, Kind, Parameter, Sort

_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
PATTERNS = {
    "email": rf"^[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(\.{_LABEL})+$",
    "uuid": r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
    "ip": rf"^({_OCTET}(\.{_OCTET}){{3}}|([0-9a-fA-F]{{0,4}}:){{2,7}}[0-9a-fA-F]{{0,4}})$",
    "url": r"^[a-z][a-z0-9+.-]*://[^\s/?#]+[^\s]*$",
    "iso_country": "^[A-Z]{2}$",
    "iso_currency": "^[A-Z]{3}$",
    "iso_language": "^[a-z]{2,3}$",
    "e164": r"^\+[1-9][0-9]{6,14}$",
    "json": r"^\s*(\{.*\}|\[.*\]|\".*\"|-?[0-9][0-9.eE+-]*|true|false|null)\s*$",
}


KIND = Kind(
    "format",
    Dimension.VALIDITY,
    (
        Parameter("column", Sort.COLUMN),
        Parameter("format", Sort.WORD, words=tuple(PATTERNS)),
    ),
    "a text has a well-known form",
    predicate=lambda given: f"{given['column']}::text ~ {literal(PATTERNS[given['format']])}",
)
