"""Compiled definitions, kept while the definition, its storage and its sources stay the same."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from dyntables import clock
from dyntables.catalog import Connection, store
from dyntables.catalog.model import DynamicTable, storage_name
from dyntables.catalog.parts.dependency import DependencyKind
from dyntables.compiler.delta.context import Change
from dyntables.compiler.names import KEPT, TEMPORARY
from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.compiler.program import Compiled, Program, layout, placeholder, refresh_program
from dyntables.engines.postgres.definition.relations import facts
from dyntables.refresh.sources.definitions import Reading, Terms, determined, read_definition

_PROGRAMS = 500  # some 20 KiB each

# Which sources have changed, and whether rows were only appended to them; the outputs that are logged.
_Pattern = tuple[tuple[int, str], frozenset[tuple[int, bool]], tuple[Column, ...]]

_MOST = 5000
# From this use on its staging tables are kept, of so many programs of a table.
_OFTEN = 2
_KEPT_PROGRAMS = 8


@dataclass(slots=True)
class _Known:
    compiled: Compiled
    program: Program
    uses: int = 0
    kept: Program | None = None


class PlanCache:
    """Definitions by table; an entry is valid for one version, generation and state of the sources.

    Programs are kept too, those used last: the sources of a table tend to change together, and deriving the delta of a
    join of many takes longer than running it. ``unkept``: tables whose staging tables must not outlive a refresh.
    """

    def __init__(self) -> None:
        self._entries: dict[int, tuple[tuple[int, int, str], Compiled | None]] = {}
        self._programs: OrderedDict[_Pattern, _Known] = OrderedDict()
        self.unkept: set[int] = set()

    def compiled(self, connection: Connection, table: DynamicTable, promised: Mapping[int, str]) -> Compiled | None:
        """Return the compiled definition over the table's present storage, or None if they do not fit together.

        ``promised``: the facts of its sources at this refresh; a plan that relies on a dropped key would be wrong.
        """
        key = _key(table, promised)
        entry = self._entries.get(table.id)
        if entry is None or entry[0] != key:
            reading = read(connection, table, table.contents.generation)
            compiled = reading.compiled if table.incremental else None
            fits = compiled is not None and layout(compiled) == table.contents.layout and _captured(compiled, table)
            entry = (key, compiled if fits else None)
            self._entries[table.id] = entry
        return entry[1]

    def determined(self, connection: Connection, table: DynamicTable, promised: Mapping[int, str]) -> str:
        """Return the query that the contents equal; ``promised`` as above."""
        compiled = self.compiled(connection, table, promised) if table.incremental else None
        return determined(table, compiled or read(connection, table, table.contents.generation).compiled)

    def program(
        self,
        key: tuple[int, str],
        compiled: Compiled,
        changes: Mapping[int, Change],
        logged: tuple[Column, ...],
        *,
        keep: bool = False,
    ) -> Program:
        """Return the statements for changes of the given sources, by OID.

        ``key``: the table's id, and the schema of temporary tables. ``logged``: the outputs that are wanted. ``keep``:
        if this is a program that is used often, its staging tables may be kept for the next refresh.
        """
        pattern = (key, frozenset((oid, c.appended) for oid, c in changes.items()), logged)
        known = self._programs.pop(pattern, None)
        if known is None or known.compiled is not compiled:
            program = refresh_program(compiled, _unfilled(changes), f"dt{key[0]}", logged=logged, staging=key[1])
            known = _Known(compiled, program)
        self._programs[pattern] = known
        if len(self._programs) > _PROGRAMS:
            self._programs.popitem(last=False)
        known.uses += 1
        if keep and known.kept is None and known.uses >= _OFTEN and self._may_keep(key):
            prefix = f"w{key[0]}_{self._digest(key[0], known.program)}"
            known.kept = refresh_program(compiled, _unfilled(changes), prefix, logged=logged, staging=KEPT)
        chosen = known.kept if keep and known.kept is not None and key[0] not in self.unkept else known.program
        return chosen.filled({oid: c.rows for oid, c in changes.items()})

    def _may_keep(self, key: tuple[int, str]) -> bool:
        return key[1] == TEMPORARY and key[0] not in self.unkept and len(self.kept(key[0])) < _KEPT_PROGRAMS

    def kept(self, table_id: int) -> list[Program]:
        """Return the programs of a table whose staging tables are kept."""
        entry = self._entries.get(table_id)
        present = entry[1] if entry is not None else None
        return [
            k.kept
            for pattern, k in self._programs.items()
            if pattern[0][0] == table_id and k.kept is not None and k.compiled is present
        ]

    def _digest(self, table_id: int, program: Program) -> str:
        """Return what the types of a program's staging tables depend on, in short."""
        text = repr((self._entries[table_id][0], [s.sql for s in program.statements]))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _unfilled(changes: Mapping[int, Change]) -> dict[int, Change]:
    """Return the same changes without their rows, which each refresh fills in."""
    return {oid: Change(placeholder(oid), c.appended) for oid, c in changes.items()}


class ReadingCache:
    """Readings of stored definitions, for what only shows them; kept while definition and sources stay the same.

    They are read anew after a time, since what the owner may read is not among what is compared.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._entries: dict[int, tuple[tuple[int, int, str], float, Reading]] = {}

    def read(self, connection: Connection, table: DynamicTable) -> Reading:
        """Return a table's definition as the server reads it."""
        tables = [d.relation for d in table.dependencies if d.kind is DependencyKind.TABLE]
        key = _key(table, facts(connection, tables))
        entry = self._entries.get(table.id)
        if entry is not None and entry[0] == key and clock.monotonic() - entry[1] < self._seconds:
            return entry[2]
        reading = read(connection, table, table.contents.generation)
        if len(self._entries) >= _MOST:
            self._entries.clear()
        self._entries[table.id] = (key, clock.monotonic(), reading)
        return reading


def _key(table: DynamicTable, promised: Mapping[int, str]) -> tuple[int, int, str]:
    """Return what a compiled definition is valid for: version, storage, the state of the sources, and all names."""
    sources = {d.relation: promised.get(d.relation) for d in table.dependencies}
    definition, contents = table.definition, table.contents
    region, named = table.region and table.region.document(), [definition.canonical, definition.stamp, table.owner]
    state = json.dumps([contents.fingerprint, sources, region, named], sort_keys=True)
    return definition.version, contents.generation, state


def _captured(compiled: Compiled, table: DynamicTable) -> bool:
    """Tell whether capture has logged all columns that a plan reads since the table's frontier."""
    logged = {d.relation: set(d.columns) for d in table.dependencies}
    return all({c.id for c in columns} <= logged.get(s.oid, set()) for s, columns in compiled.sources.items())


def read(connection: Connection, table: DynamicTable, generation: int) -> Reading:
    """Read a table's definition anew, for storage of the given generation."""
    views = store.view_oids(connection)
    return read_definition(connection, table.maintained, "", views, storage_name(table.id, generation), Terms.of(table))
