"""What is so of the sources of several tables at one snapshot: asked once for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from dyntables.catalog import Connection
from dyntables.catalog.model import DynamicTable, RefreshReason
from dyntables.catalog.state import sources
from dyntables.engines.postgres.definition.relations import facts
from dyntables.refresh.sources.fingerprint import fingerprint, present_code


@dataclass(frozen=True, slots=True)
class Present:
    """The sources of some tables.

    ``prints``: the fingerprints by OID. ``uncaptured``: those whose changes are not all captured now. ``events``: those
    to which something happened that their change logs cannot say, at some time. ``facts``: what their keys promise.
    ``code``: digests of what the definitions call.
    """

    prints: Mapping[str, Any]
    uncaptured: frozenset[int]
    events: frozenset[int]
    facts: Mapping[int, str]
    code: Mapping[str, str]


def look(connection: Connection, tables: Collection[DynamicTable]) -> Present:
    """Look at the sources of some tables."""
    dependencies = [d for t in tables for d in t.dependencies]
    captured = sorted({oid for t in tables if t.incremental for oid in t.captured})
    uncaptured, events = sources.unsound(connection, captured)
    prints = fingerprint(connection, dependencies)
    code = present_code(connection, tables)
    return Present(prints, uncaptured, events, facts(connection, captured), code)


_EVENTS = {
    "ALTERED": RefreshReason.SOURCE_ALTERED,
    "CAPTURE_MISSING": RefreshReason.CAPTURE_MISSING,
    "ROWS_MOVED": RefreshReason.ROWS_MOVED,
    "TRUNCATE": RefreshReason.SOURCE_TRUNCATED,
}


def owed_event(connection: Connection, table: DynamicTable, events: frozenset[int]) -> RefreshReason | None:
    """Return why a table is computed anew after what happened to a source; ``events``: to which something did ever."""
    if not table.captured & events:
        return None
    kind = sources.event_after(connection, table.id, table.contents.frontier)
    return _EVENTS[kind] if kind is not None else None
