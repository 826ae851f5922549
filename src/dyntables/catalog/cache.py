"""The dynamic tables of a database, kept in memory and read again only where their rows changed.

The scheduler looks many times a second. A row's ``xmin`` names the transaction that wrote it, so comparing it tells
exactly which rows are to be read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import psycopg

from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable


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
        self, rows: Iterable[tuple[int, str]], frontier: str, data_timestamp: datetime, before: dict[int, DynamicTable]
    ) -> None:
        """Note what a sweep of ours wrote: the new ``xmin`` of each table; ``before`` is what the sweep had read."""
        for table_id, row in rows:
            if self.tables.get(table_id) is before.get(table_id):
                self._rows[table_id] = row
                self.tables[table_id] = replace(self.tables[table_id], frontier=frontier, data_timestamp=data_timestamp)
