"""Compiled definitions, kept while the definition, its storage and its sources stay the same."""

from __future__ import annotations

import json

import psycopg

from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable, storage_name
from dyntables.compiler.program import Compiled, layout
from dyntables.refresh.definitions import Reading, read_definition
from dyntables.refresh.fingerprint import facts


class PlanCache:
    """Definitions by table; an entry is valid for one version, generation and state of the sources."""

    def __init__(self) -> None:
        self._entries: dict[int, tuple[tuple[int, int, str], Compiled | None]] = {}

    def compiled(self, connection: psycopg.Connection, table: DynamicTable) -> Compiled | None:
        """Return the compiled definition over the table's present storage, or None if they do not fit together."""
        # What the sources promise is looked up at each refresh: a plan that relies on a dropped key would be wrong.
        promised = facts(connection, table.dependencies)
        region = table.region.active if table.region is not None else ""
        facts_of = json.dumps(table.fingerprint, sort_keys=True) + promised + region
        key = (table.version, table.generation, facts_of)
        entry = self._entries.get(table.id)
        if entry is None or entry[0] != key:
            reading = read(connection, table, table.generation)
            compiled = reading.compiled if table.incremental else None
            fits = compiled is not None and layout(compiled) == table.layout and _captured(compiled, table)
            entry = (key, compiled if fits else None)
            self._entries[table.id] = entry
        return entry[1]


def _captured(compiled: Compiled, table: DynamicTable) -> bool:
    """Tell whether capture has logged all columns that a plan reads since the table's frontier."""
    logged = {d.relation: set(d.columns) for d in table.dependencies}
    return all({c.id for c in columns} <= logged.get(s.oid, set()) for s, columns in compiled.sources.items())


def read(connection: psycopg.Connection, table: DynamicTable, generation: int) -> Reading:
    """Read a table's definition anew, for storage of the given generation."""
    views = store.view_oids(connection)
    return read_definition(connection, table.maintained, "", views, storage_name(table.id, generation), table.owner)
