"""What has changed about the sources of a table, and about what it calls, since its contents were computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dyntables.catalog import Connection
from dyntables.catalog.model import DynamicTable
from dyntables.engines.postgres.called.code import digests
from dyntables.engines.postgres.definition.relations import column_now, function_name, type_name
from dyntables.refresh.sources.fingerprint import fingerprint


def alterations(connection: Connection, table: DynamicTable) -> list[tuple[str, str]]:
    """Return pairs of the name of a relation or function and of what happened to it; locks nothing."""
    present = fingerprint(connection, table.dependencies)
    found: list[tuple[str, str]] = []
    for oid, stored in table.contents.fingerprint.items():
        name = ".".join(stored["name"])
        if oid not in present:
            found.append((name, "was dropped"))
            continue
        found += [(name, what) for what in _relation(connection, int(oid), stored, present[oid])]
    return found + list(_code(connection, table))


def _relation(connection: Connection, oid: int, stored: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    if stored["name"] != now["name"]:
        yield f"is {'.'.join(now['name'])} now"
    for column, before in stored["columns"].items():
        if now["columns"].get(column) != before:
            yield _column(connection, oid, column, before)
    if stored.get("view") != now.get("view"):
        yield "was given another query"
    if stored.get("version") != now.get("version"):
        yield "was given another definition"
    gone = set(stored.get("partitions", ())) - set(now.get("partitions", ()))
    if gone:
        yield f"lost {len(gone)} of its partitions"
    if now.get("obstacle") is not None and stored.get("obstacle") != now["obstacle"]:
        yield f"cannot be captured any more: {now['obstacle']}"


def _column(connection: Connection, oid: int, column: str, before: str) -> str:
    number, type_oid, modifier, *_ = before.split(":")
    now = column_now(connection, oid, int(number))
    if now is None:
        return f'lost the column "{column}"'
    name, typed = now
    if name != column:
        return f'has its column "{column}" under the name "{name}"'
    was = type_name(connection, int(type_oid), int(modifier))
    if was != typed:
        return f'has {typed} for the type of its column "{column}", which was {was}'
    return f'has another column "{column}" than before'


def _code(connection: Connection, table: DynamicTable) -> Iterator[tuple[str, str]]:
    stored = table.contents.code or {}
    now = digests(connection, stored)
    for name, digest in stored.items():
        if now.get(name) == digest or not name.startswith("f"):
            continue
        function = function_name(connection, int(name[1:]))
        yield (function, "was replaced") if function is not None else ("a function that it calls", "was dropped")
