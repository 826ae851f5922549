"""What the server knows about the tables of a definition, and the indexes that it would like to have."""

from __future__ import annotations

from dyntables.catalog import Connection, store
from dyntables.catalog.model import DynamicTable
from dyntables.compiler.explain.facts import Facts, Index, TableFacts
from dyntables.compiler.explain.lookups import Lookup
from dyntables.compiler.explain.tree import missing_in
from dyntables.compiler.plan.algebra.nodes import SourceKind
from dyntables.compiler.program import Compiled
from dyntables.engines.postgres.definition.facts import storage_facts, storage_oids, table_facts
from dyntables.refresh.sources.plans import ReadingCache, read


def facts(connection: Connection, compiled: Compiled, readings: ReadingCache | None = None) -> Facts:
    """Return what is known of the sources and of the storage of a definition; ``readings`` are those known already."""
    tables = table_facts(connection, [s.oid for s in compiled.sources if s.kind is SourceKind.TABLE])
    dynamic = [s.oid for s in compiled.sources if s.kind is SourceKind.DYNAMIC_TABLE]
    views = store.view_oids(connection)
    for oid in dynamic:
        # Somebody may have dropped it since the definition was read.
        for table in store.load_all(connection, [views.get(oid, 0)]).values():
            tables[oid] = _dynamic_table_facts(connection, table, readings)
    return Facts(tables, storage_facts(connection, [s.storage for s in compiled.stages]))


def missing_index_notices(connection: Connection, compiled: Compiled) -> list[str]:
    """Return a notice for each look-up of a refresh that wants an index which its table lacks."""
    return [
        f'table "{lookup.table}" has no index to look rows up by {", ".join(lookup.columns)}, '
        f"{lookup.when}; run: {lookup.remedy}"
        for lookup in missing_lookups(connection, compiled)
    ]


def missing_lookups(
    connection: Connection, compiled: Compiled, readings: ReadingCache | None = None
) -> tuple[Lookup, ...]:
    """Return the look-ups of a refresh that want an index which their table lacks."""
    return missing_in(compiled.plan, facts(connection, compiled, readings))


def _dynamic_table_facts(connection: Connection, table: DynamicTable, readings: ReadingCache | None) -> TableFacts:
    """Return the facts of another dynamic table's storage, in terms of its visible columns."""
    oid = storage_oids(connection, {table.id: table.storage}).get(table.id)
    if oid is None:
        return TableFacts(None)
    found = table_facts(connection, [oid])[oid]
    if not table.incremental:
        return found
    reading = readings.read(connection, table) if readings else read(connection, table, table.contents.generation)
    compiled = reading.compiled
    if compiled is None:
        return found
    names = {c.id: name for c, name in zip(compiled.outputs, compiled.names, strict=True)}
    indexes = tuple(Index(i.name, tuple(names.get(k, k) for k in i.keys)) for i in found.indexes)
    distinct = {names[c]: values for c, values in found.distinct.items() if c in names}
    return TableFacts(found.rows, indexes, distinct)
