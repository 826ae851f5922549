"""Compiled definitions, kept while the definition, its storage and its sources stay the same."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping

import psycopg

from dyntables import clock
from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable, storage_name
from dyntables.compiler.delta.context import Change
from dyntables.compiler.plan.nodes import Column
from dyntables.compiler.program import Compiled, Program, layout, placeholder, refresh_program
from dyntables.refresh.definitions import Reading, Terms, determined, read_definition
from dyntables.refresh.fingerprint import facts

_PROGRAMS = 500  # some 20 KiB each

# Which sources have changed, and whether rows were only appended to them; the outputs that are logged.
_Pattern = tuple[tuple[int, str], frozenset[tuple[int, bool]], tuple[Column, ...]]

_MOST = 5000


class PlanCache:
    """Definitions by table; an entry is valid for one version, generation and state of the sources.

    Programs are kept too, those used last: the sources of a table tend to change together, and deriving the delta of a
    join of many takes longer than running it.
    """

    def __init__(self) -> None:
        self._entries: dict[int, tuple[tuple[int, int, str], Compiled | None]] = {}
        self._programs: OrderedDict[_Pattern, tuple[Compiled, Program]] = OrderedDict()

    def compiled(
        self, connection: psycopg.Connection, table: DynamicTable, promised: Mapping[int, str]
    ) -> Compiled | None:
        """Return the compiled definition over the table's present storage, or None if they do not fit together.

        ``promised``: the facts of its sources at this refresh; a plan that relies on a dropped key would be wrong.
        """
        key = _key(table, promised)
        entry = self._entries.get(table.id)
        if entry is None or entry[0] != key:
            reading = read(connection, table, table.generation)
            compiled = reading.compiled if table.incremental else None
            fits = compiled is not None and layout(compiled) == table.layout and _captured(compiled, table)
            entry = (key, compiled if fits else None)
            self._entries[table.id] = entry
        return entry[1]

    def determined(self, connection: psycopg.Connection, table: DynamicTable, promised: Mapping[int, str]) -> str:
        """Return the query that the contents equal; ``promised`` as above."""
        compiled = self.compiled(connection, table, promised) if table.incremental else None
        if compiled is not None:
            return compiled.determined or table.maintained
        return determined(table, read(connection, table, table.generation))

    def program(
        self, key: tuple[int, str], compiled: Compiled, changes: Mapping[int, Change], logged: tuple[Column, ...]
    ) -> Program:
        """Return the statements for changes of the given sources, by OID.

        ``key``: the table's id, and the schema of temporary tables. ``logged``: the outputs that are wanted.
        """
        pattern = (key, frozenset((oid, c.appended) for oid, c in changes.items()), logged)
        kept = self._programs.pop(pattern, None)
        if kept is None or kept[0] is not compiled:
            unfilled = {oid: Change(placeholder(oid), c.appended) for oid, c in changes.items()}
            kept = compiled, refresh_program(compiled, unfilled, f"dt{key[0]}", logged=logged, staging=key[1])
        self._programs[pattern] = kept
        if len(self._programs) > _PROGRAMS:
            self._programs.popitem(last=False)
        return kept[1].filled({oid: c.rows for oid, c in changes.items()})


class ReadingCache:
    """Readings of stored definitions, for what only shows them; kept while definition and sources stay the same.

    They are read anew after a time, since what the owner may read is not among what is compared.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._entries: dict[int, tuple[tuple[int, int, str], float, Reading]] = {}

    def read(self, connection: psycopg.Connection, table: DynamicTable) -> Reading:
        """Return a table's definition as the server reads it."""
        tables = [d.relation for d in table.dependencies if d.kind == "TABLE"]
        key = _key(table, facts(connection, tables))
        entry = self._entries.get(table.id)
        if entry is not None and entry[0] == key and clock.monotonic() - entry[1] < self._seconds:
            return entry[2]
        reading = read(connection, table, table.generation)
        if len(self._entries) >= _MOST:
            self._entries.clear()
        self._entries[table.id] = (key, clock.monotonic(), reading)
        return reading


def _key(table: DynamicTable, promised: Mapping[int, str]) -> tuple[int, int, str]:
    """Return what a compiled definition is valid for: version, storage, the state of the sources, and all names."""
    sources = {d.relation: promised.get(d.relation) for d in table.dependencies}
    region, named = table.options.get("frozen"), [table.canonical, table.stamp, table.owner]
    return table.version, table.generation, json.dumps([table.fingerprint, sources, region, named], sort_keys=True)


def _captured(compiled: Compiled, table: DynamicTable) -> bool:
    """Tell whether capture has logged all columns that a plan reads since the table's frontier."""
    logged = {d.relation: set(d.columns) for d in table.dependencies}
    return all({c.id for c in columns} <= logged.get(s.oid, set()) for s, columns in compiled.sources.items())


def read(connection: psycopg.Connection, table: DynamicTable, generation: int) -> Reading:
    """Read a table's definition anew, for storage of the given generation."""
    views = store.view_oids(connection)
    return read_definition(connection, table.maintained, "", views, storage_name(table.id, generation), Terms.of(table))
