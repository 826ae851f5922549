"""The dynamic tables of a database, kept in memory and read again only where their rows changed.

The scheduler looks many times a second. A row's ``xmin`` names the transaction that wrote it, so comparing it tells
exactly which rows are to be read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

import psycopg

from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.parts.contents import Look


class TableCache:
    """What the catalog holds, as of the last ``read``; not to be shared between threads."""

    def __init__(self) -> None:
        self._rows: dict[int, str] = {}
        self.tables: dict[int, DynamicTable] = {}

    def read(self, connection: psycopg.Connection) -> dict[int, DynamicTable]:
        """Bring the tables up to date, and return them."""
        query = "SELECT id, xmin::text FROM dyntables.dynamic_table ORDER BY id"
        present: dict[int, str] = dict(connection.execute(query, prepare=True).fetchall())
        changed = [i for i, row in present.items() if self._rows.get(i) != row]
        # A row that changes in between is read newer than its xmin says, and once more the next time.
        loaded = store.load_all(connection, changed) if changed else {}
        tables = {**self.tables, **loaded}
        self.tables = {i: tables[i] for i in present if i in tables}
        self._rows = present
        return self.tables

    def advance(
        self, ids: Iterable[int], rows: Mapping[int, str], snapshot: str, at: datetime, before: dict[int, DynamicTable]
    ) -> None:
        """Note what a sweep of ours found to have nothing to do, at a snapshot and an instant.

        ``rows``: the new ``xmin`` of each table to which it was written; ``before`` is what the sweep had read.
        """
        for table_id in ids:
            table = self.tables.get(table_id)
            if table is None or table is not before.get(table_id):
                continue
            if table_id in rows:
                self._rows[table_id] = rows[table_id]
                contents = table.contents.advanced(snapshot, at)
            else:
                contents = replace(table.contents, look=Look(at, snapshot))
            self.tables[table_id] = replace(table, contents=contents)
