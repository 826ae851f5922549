"""Compiled definitions, kept while the definition, its storage and its sources stay the same."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping

import psycopg

from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable, storage_name
from dyntables.compiler.delta.context import Change
from dyntables.compiler.plan.nodes import Column
from dyntables.compiler.program import Compiled, Program, layout, placeholder, refresh_program
from dyntables.refresh.definitions import Reading, read_definition

_PROGRAMS = 500  # some 20 KiB each

# Which sources have changed, and whether rows were only appended to them; the outputs that are logged.
_Pattern = tuple[int, frozenset[tuple[int, bool]], tuple[Column, ...]]


class PlanCache:
    """Definitions by table; an entry is valid for one version, generation and state of the sources.

    Programs are kept too, those used last: the sources of a table tend to change together, and deriving the delta of a
    join of many takes longer than running it.
    """

    def __init__(self) -> None:
        self._entries: dict[int, tuple[tuple[int, int, str], Compiled | None]] = {}
        self._programs: OrderedDict[_Pattern, tuple[Compiled, Program]] = OrderedDict()

    def compiled(
        self, connection: psycopg.Connection, table: DynamicTable, facts: Mapping[int, str]
    ) -> Compiled | None:
        """Return the compiled definition over the table's present storage, or None if they do not fit together.

        ``facts``: what sources promise at this refresh; a plan that relies on a dropped key would be wrong.
        """
        promised = {d.relation: facts.get(d.relation) for d in table.dependencies}
        region = table.options.get("frozen")
        key = (table.version, table.generation, json.dumps([table.fingerprint, promised, region], sort_keys=True))
        entry = self._entries.get(table.id)
        if entry is None or entry[0] != key:
            reading = read(connection, table, table.generation)
            compiled = reading.compiled if table.incremental else None
            fits = compiled is not None and layout(compiled) == table.layout and _captured(compiled, table)
            entry = (key, compiled if fits else None)
            self._entries[table.id] = entry
        return entry[1]

    def program(
        self, table: DynamicTable, compiled: Compiled, changes: Mapping[int, Change], logged: tuple[Column, ...]
    ) -> Program:
        """Return the statements for changes of the given sources, by OID; ``logged``: the outputs that are wanted."""
        pattern = (table.id, frozenset((oid, c.appended) for oid, c in changes.items()), logged)
        kept = self._programs.pop(pattern, None)
        if kept is None or kept[0] is not compiled:
            unfilled = {oid: Change(placeholder(oid), c.appended) for oid, c in changes.items()}
            kept = compiled, refresh_program(compiled, unfilled, f"dt{table.id}", logged=logged)
        self._programs[pattern] = kept
        if len(self._programs) > _PROGRAMS:
            self._programs.popitem(last=False)
        return kept[1].filled({oid: c.rows for oid, c in changes.items()})


def _captured(compiled: Compiled, table: DynamicTable) -> bool:
    """Tell whether capture has logged all columns that a plan reads since the table's frontier."""
    logged = {d.relation: set(d.columns) for d in table.dependencies}
    return all({c.id for c in columns} <= logged.get(s.oid, set()) for s, columns in compiled.sources.items())


def read(connection: psycopg.Connection, table: DynamicTable, generation: int) -> Reading:
    """Read a table's definition anew, for storage of the given generation."""
    views = store.view_oids(connection)
    return read_definition(connection, table.maintained, "", views, storage_name(table.id, generation), table.owner)
