"""Before the snapshot of a run: fit capture and definitions to sources that were altered.

What is written from then on is in the change logs; what was written before is known to be missing.
"""

from __future__ import annotations

from typing import Any

from dyntables.catalog import Connection, graph, store
from dyntables.catalog.definitions import following
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.state import sources
from dyntables.engines.postgres.capture import captured
from dyntables.engines.postgres.capture.mending import mend
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.definition.following import Moved, follow
from dyntables.errors import DyntablesError
from dyntables.refresh.sources.definitions import Reading, table_dependencies
from dyntables.refresh.sources.fingerprint import fingerprint, fits
from dyntables.refresh.sources.moved import moved_relations
from dyntables.refresh.sources.naming import follow_definition, record_names, renamed
from dyntables.refresh.sources.plans import read
from dyntables.refresh.sources.stored_text import write_in_full


def prepare(connection: Connection, tables: list[DynamicTable]) -> bool:
    """Mend capture, follow renamed sources, and capture what altered definitions read now; tell if any was altered.

    Raises:
        CycleError: by the names that are used now, a table would read itself.
    """
    tables_read = sorted({oid for t in tables if t.incremental for oid in t.captured})
    present = fingerprint(connection, [d for t in tables for d in t.dependencies])
    tables = [write_in_full(connection, table) for table in tables]
    # Also those that were never filled: their sources may have changed since they were defined.
    record_names(connection, tables)
    strange = renamed(connection, tables)
    altered = [t for t in tables if t.id in strange or not fits(present, t)]
    if altered:
        sources.rename_types(connection, tables_read)
    if altered or captured.broken(connection, tables_read):
        mend(connection, tables_read)
    missing = captured.missing(connection, tables_read)
    for table in tables:
        if table in altered:
            _follow(connection, table, renamed=table.id in strange)
        if table in altered or (table.incremental and missing & {d.relation for d in table.dependencies}):
            _fit(connection, store.load_all(connection, [table.id])[table.id])
    return bool(altered)


def follow_names(connection: Connection, table: DynamicTable) -> DynamicTable:
    """Return a table with the names in its definition as they are now."""
    _follow(connection, table, renamed=table.id in renamed(connection, [table]))
    return store.load_all(connection, [table.id])[table.id]


def _follow(connection: Connection, table: DynamicTable, *, renamed: bool) -> None:
    moved = moved_relations(connection, table)
    prints = _renamed(table.contents.fingerprint, moved)
    try:
        with translated():
            if renamed and follow_definition(connection, table, moved):
                if moved:
                    following.set_fingerprint(connection, table.id, prints)
                return
            if not moved:
                return
            canonical = follow(connection, table.definition.canonical, moved, table.owner)
    except DyntablesError:
        return  # its refresh says what is wrong
    with connection.transaction():
        following.set_text(connection, table.id, canonical, prints)
    record_names(connection, store.load_all(connection, [table.id]).values())


def _renamed(stored: dict[str, Any], moved: list[Moved]) -> dict[str, Any]:
    """Return a fingerprint under the new names; columns keep theirs, as the change log does not have the new ones."""
    names = {str(m.oid): {"name": list(m.new)} for m in moved if not m.columns}
    return {relation: {**entry, **names.get(relation, {})} for relation, entry in stored.items()}


def _fit(connection: Connection, table: DynamicTable) -> None:
    """Let capture and graph know what a definition reads now; if it cannot be read any more, its refresh says so."""
    try:
        reading = read(connection, table, table.contents.generation)
    except DyntablesError:
        return
    if table.incremental:
        _widen_capture(connection, reading)
    upstream = {d.upstream for d in reading.dependencies}
    if upstream != {d.upstream for d in table.dependencies}:
        graph.check_cycle(store.load_all(connection), table.id, [u for u in upstream if u is not None])
        with connection.transaction():
            store.replace_dependencies(connection, table.id, reading.dependencies)


def _widen_capture(connection: Connection, reading: Reading) -> None:
    """Capture what an incremental definition reads now."""
    compiled = reading.compiled
    if compiled is None:
        return
    with connection.transaction():
        for oid, schema, name, columns in table_dependencies(compiled):
            captured.ensure(connection, captured.CapturedTable(oid, schema, name, columns), altered=True)
