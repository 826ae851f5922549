"""Compiled definitions, kept while the definition, its storage and its sources stay the same."""

from __future__ import annotations

import json

import psycopg

from dyntables import clock
from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable, storage_name
from dyntables.compiler.program import Compiled, layout
from dyntables.refresh.definitions import Reading, read_definition
from dyntables.refresh.fingerprint import facts

_MOST = 5000


class PlanCache:
    """Definitions by table; an entry is valid for one version, generation and state of the sources."""

    def __init__(self) -> None:
        self._entries: dict[int, tuple[tuple[int, int, str], Compiled | None]] = {}

    def compiled(self, connection: psycopg.Connection, table: DynamicTable) -> Compiled | None:
        """Return the compiled definition over the table's present storage, or None if they do not fit together."""
        # What the sources promise is looked up at each refresh: a plan that relies on a dropped key would be wrong.
        promised = facts(connection, table.dependencies)
        key = (table.version, table.generation, json.dumps(table.fingerprint, sort_keys=True) + promised)
        entry = self._entries.get(table.id)
        if entry is None or entry[0] != key:
            reading = read(connection, table, table.generation)
            compiled = reading.compiled if table.incremental else None
            fits = compiled is not None and layout(compiled) == table.layout and _captured(compiled, table)
            entry = (key, compiled if fits else None)
            self._entries[table.id] = entry
        return entry[1]


class ReadingCache:
    """Readings of stored definitions, for what only shows them; kept while definition and sources stay the same.

    They are read anew after a time, since what the owner may read is not among what is compared.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._entries: dict[int, tuple[tuple[int, int, str], float, Reading]] = {}

    def read(self, connection: psycopg.Connection, table: DynamicTable) -> Reading:
        """Return a table's definition as the server reads it."""
        promised = facts(connection, table.dependencies)
        key = (table.version, table.generation, json.dumps(table.fingerprint, sort_keys=True) + promised)
        entry = self._entries.get(table.id)
        if entry is not None and entry[0] == key and clock.monotonic() - entry[1] < self._seconds:
            return entry[2]
        reading = read(connection, table, table.generation)
        if len(self._entries) >= _MOST:
            self._entries.clear()
        self._entries[table.id] = (key, clock.monotonic(), reading)
        return reading


def _captured(compiled: Compiled, table: DynamicTable) -> bool:
    """Tell whether capture has logged all columns that a plan reads since the table's frontier."""
    logged = {d.relation: set(d.columns) for d in table.dependencies}
    return all({c.id for c in columns} <= logged.get(s.oid, set()) for s, columns in compiled.sources.items())


def read(connection: psycopg.Connection, table: DynamicTable, generation: int) -> Reading:
    """Read a table's definition anew, for storage of the given generation."""
    views = store.view_oids(connection)
    return read_definition(connection, table.canonical, "", views, storage_name(table.id, generation), table.owner)
