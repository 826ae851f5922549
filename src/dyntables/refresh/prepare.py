"""Before the snapshot of a run: fit capture and definitions to sources that were altered.

What is written from then on is in the change logs; what was written before is known to be missing.
"""

from __future__ import annotations

from typing import Any

import psycopg

from dyntables.catalog import graph, store
from dyntables.catalog.model import DynamicTable
from dyntables.engines.postgres.capture import captured
from dyntables.engines.postgres.capture.mending import mend
from dyntables.errors import DyntablesError
from dyntables.refresh.sources.definitions import Reading, table_dependencies
from dyntables.refresh.sources.fingerprint import fingerprint, fits
from dyntables.refresh.sources.follow import Moved, follow, moved_relations
from dyntables.refresh.sources.naming import follow_definition, record_names, rename_captured, renamed
from dyntables.refresh.sources.plans import read
from dyntables.refresh.sources.stored_text import write_in_full


def prepare(connection: psycopg.Connection, tables: list[DynamicTable]) -> bool:
    """Mend capture, follow renamed sources, and capture what altered definitions read now; tell if any was altered.

    Raises:
        CycleError: by the names that are used now, a table would read itself.
    """
    sources = sorted({d.relation for t in tables if t.incremental for d in t.dependencies if d.kind == "TABLE"})
    present = fingerprint(connection, [d for t in tables for d in t.dependencies])
    tables = [write_in_full(connection, table) for table in tables]
    # Also those that were never filled: their sources may have changed since they were defined.
    record_names(connection, tables)
    strange = renamed(connection, tables)
    altered = [t for t in tables if t.id in strange or not fits(present, t)]
    if altered:
        rename_captured(connection, sources)
    if altered or captured.broken(connection, sources):
        mend(connection, sources)
    missing = captured.missing(connection, sources)
    for table in tables:
        if table in altered:
            _follow(connection, table, renamed=table.id in strange)
        if table in altered or (table.incremental and missing & {d.relation for d in table.dependencies}):
            _fit(connection, store.load_all(connection, [table.id])[table.id])
    return bool(altered)


def follow_names(connection: psycopg.Connection, table: DynamicTable) -> DynamicTable:
    """Return a table with the names in its definition as they are now."""
    _follow(connection, table, renamed=table.id in renamed(connection, [table]))
    return store.load_all(connection, [table.id])[table.id]


def _follow(connection: psycopg.Connection, table: DynamicTable, *, renamed: bool) -> None:
    moved = moved_relations(connection, table)
    try:
        if renamed and follow_definition(connection, table, moved):
            if moved:
                store.update(connection, table.id, fingerprint=_renamed(table.fingerprint, moved))
            return
        if not moved:
            return
        canonical = follow(connection, table.canonical, moved, table.owner)
    except (psycopg.Error, DyntablesError):
        return  # its refresh says what is wrong
    with connection.transaction():
        store.update(connection, table.id, canonical=canonical, fingerprint=_renamed(table.fingerprint, moved))
    record_names(connection, store.load_all(connection, [table.id]).values())


def _renamed(stored: dict[str, Any], moved: list[Moved]) -> dict[str, Any]:
    """Return a fingerprint under the new names; columns keep theirs, as the change log does not have the new ones."""
    names = {str(m.oid): {"name": list(m.new)} for m in moved if not m.columns}
    return {relation: {**entry, **names.get(relation, {})} for relation, entry in stored.items()}


def _fit(connection: psycopg.Connection, table: DynamicTable) -> None:
    """Let capture and graph know what a definition reads now; if it cannot be read any more, its refresh says so."""
    try:
        reading = read(connection, table, table.generation)
    except DyntablesError:
        return
    if table.incremental:
        _widen_capture(connection, reading)
    upstream = {d.upstream for d in reading.dependencies}
    if upstream != {d.upstream for d in table.dependencies}:
        graph.check_cycle(store.load_all(connection), table.id, [u for u in upstream if u is not None])
        with connection.transaction():
            store.replace_dependencies(connection, table.id, reading.dependencies)


def _widen_capture(connection: psycopg.Connection, reading: Reading) -> None:
    """Capture what an incremental definition reads now."""
    compiled = reading.compiled
    if compiled is None:
        return
    with connection.transaction():
        for oid, schema, name, columns in table_dependencies(compiled):
            captured.ensure(connection, captured.CapturedTable(oid, schema, name, columns), altered=True)
