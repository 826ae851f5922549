"""Facts as payloads of NOTIFY: the words that triggers of the catalog say, at commit, and those of web servers."""

from __future__ import annotations

from typing import TypeAlias

from dyntables.events.facts import (
    AlertsChanged,
    OperationTold,
    PeopleChanged,
    QualityChanged,
    RefreshesRecorded,
    TableAltered,
    TableCreated,
    TableDropped,
)

CHANNEL = "dyntables"

Told: TypeAlias = (
    RefreshesRecorded
    | TableCreated
    | TableAltered
    | TableDropped
    | PeopleChanged
    | QualityChanged
    | AlertsChanged
    | OperationTold
)
"""The facts that go from process to process."""

_TABLES: dict[str, type[TableCreated | TableAltered | TableDropped]] = {
    "insert": TableCreated,
    "update": TableAltered,
    "delete": TableDropped,
}
_VERBS = {kind: verb for verb, kind in _TABLES.items()}


def encode(fact: Told) -> str:
    """Return the payload that tells a fact."""
    match fact:
        case RefreshesRecorded(first, last):
            return f"refresh {first} {last}"
        case PeopleChanged():
            return "people"
        case QualityChanged():
            return "quality"
        case AlertsChanged():
            return "alerts"
        case OperationTold(text):
            return f"operation {text}"
    return f"table {_VERBS[type(fact)]} {fact.table_id}"


def decode(payload: str) -> Told | None:
    """Return the fact that a payload tells; None for one that this version does not know."""
    word, _, rest = payload.partition(" ")
    match word, rest.split():
        case "operation", _:
            return OperationTold(rest)
        case "people", []:
            return PeopleChanged()
        case "quality", []:
            return QualityChanged()
        case "alerts", []:
            return AlertsChanged()
        case "refresh", [first, last] if first.isdecimal() and last.isdecimal():
            return RefreshesRecorded(int(first), int(last))
        case "table", [verb, table_id] if verb in _TABLES and table_id.isdecimal():
            return _TABLES[verb](int(table_id))
    return None
