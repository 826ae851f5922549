"""Indexes that refreshes want: every incremental definition is planned, so this takes its time."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from dyntables.catalog import store
from dyntables.commands.definition.explained import missing_lookups
from dyntables.compiler.explain.lookups import Lookup
from dyntables.errors import DyntablesError
from dyntables.refresh.sources.plans import ReadingCache
from dyntables.server.schemas.metrics import Recommendation, Severity


def missing_indexes(connection: psycopg.Connection, readings: ReadingCache) -> list[Recommendation]:
    """Return an index for each look-up that lacks one, with the tables whose refreshes would use it."""
    wanted: dict[str, tuple[str, set[str]]] = {}
    for name, lookup in _lookups(connection, readings):
        wanted.setdefault(lookup.remedy or "", (lookup.table, set()))[1].add(name)
    return [
        Recommendation(
            kind="MISSING_INDEX",
            severity=Severity.WARNING,
            object=source,
            title="An index is missing",
            detail=f"Refreshes of {', '.join(sorted(readers))} look rows up in it by key, and read all of it.",
            statement=statement or None,
        )
        for statement, (source, readers) in wanted.items()
    ]


def _lookups(connection: psycopg.Connection, readings: ReadingCache) -> Iterator[tuple[str, Lookup]]:
    """Yield the look-ups that want an index, each with the name of the table that makes it."""
    for table in store.load_all(connection).values():
        if not table.incremental:
            continue
        try:
            compiled = readings.read(connection, table).compiled
            if compiled is not None:
                yield from ((table.qualified, k) for k in missing_lookups(connection, compiled, readings))
        except DyntablesError:
            continue  # its source is gone: its health says so
