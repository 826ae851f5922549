"""Before the snapshot of a run: fit capture and definitions to sources that were altered.

What is written from then on is in the change logs; what was written before is known to be missing.
"""

from __future__ import annotations

from typing import Any

import psycopg

from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable
from dyntables.engines.postgres import capture
from dyntables.engines.postgres.mending import mend
from dyntables.errors import DyntablesError
from dyntables.refresh.definitions import table_dependencies
from dyntables.refresh.fingerprint import fingerprint, fits
from dyntables.refresh.follow import Moved, follow, moved_relations
from dyntables.refresh.plans import read


def prepare(connection: psycopg.Connection, tables: list[DynamicTable]) -> None:
    """Mend capture, follow renamed sources, and capture what altered definitions read now."""
    sources = sorted({d.relation for t in tables if t.incremental for d in t.dependencies if d.kind == "TABLE"})
    present = fingerprint(connection, [d for t in tables for d in t.dependencies])
    altered = [t for t in tables if t.fingerprint and not fits(present, t)]
    if altered or capture.broken(connection, sources):
        mend(connection, sources)
    for table in altered:
        _follow(connection, table)
        if table.incremental:
            _widen_capture(connection, store.load_all(connection, [table.id])[table.id])


def _follow(connection: psycopg.Connection, table: DynamicTable) -> None:
    moved = moved_relations(connection, table)
    if not moved:
        return
    try:
        canonical = follow(connection, table.canonical, moved, table.owner)
    except (psycopg.Error, DyntablesError):
        return  # its refresh says what is wrong
    with connection.transaction():
        store.update(connection, table.id, canonical=canonical, fingerprint=_renamed(table.fingerprint, moved))


def _renamed(stored: dict[str, Any], moved: list[Moved]) -> dict[str, Any]:
    """Return a fingerprint under the new names; columns keep theirs, as the change log does not have the new ones."""
    names = {str(m.oid): {"name": list(m.new)} for m in moved if not m.columns}
    return {relation: {**entry, **names.get(relation, {})} for relation, entry in stored.items()}


def _widen_capture(connection: psycopg.Connection, table: DynamicTable) -> None:
    """Capture what a definition reads now; if it cannot be read any more, its refresh says so."""
    try:
        compiled = read(connection, table, table.generation).compiled
    except DyntablesError:
        return
    if compiled is None:
        return
    with connection.transaction():
        for oid, schema, name, columns in table_dependencies(compiled):
            capture.ensure(connection, capture.CapturedTable(oid, schema, name, columns), altered=True)
