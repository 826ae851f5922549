"""A second engine, as small as can be: DuckDB keeps the rows, PostgreSQL only reads definitions and has the catalog.

It is for the contract suite: what passes there on both engines is what a refresh may rely on. Its language is close to
PostgreSQL's, so a few words are all that it translates. It has no triggers: whoever writes to a source through
``TinyDatabase.write`` has what differs logged.
"""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from dyntables.engines.port import Changes, Locks, Session, Sizes, Workspace
from tests.support.tiny.changes import TinyChanges
from tests.support.tiny.database import TinyDatabase
from tests.support.tiny.session import TinyLocks, TinySession, TinySizes, Transaction
from tests.support.tiny.workspace import TinyWorkspace

__all__ = ["TinyDatabase", "TinyEngine"]


class TinyEngine:
    """The engine over one connection to the catalog."""

    def __init__(self, database: TinyDatabase, control: psycopg.Connection) -> None:
        self._transaction = Transaction(database, control)
        self._control = control
        self.session: Session = TinySession(self._transaction)
        self.locks: Locks = TinyLocks(self._transaction)
        self.changes: Changes = TinyChanges(self._transaction)
        self.sizes: Sizes = TinySizes(self._transaction)

    def workspace(self, owner: str, settings: Mapping[str, str] | None = None) -> Workspace:
        """Return where to work on any table: there are no roles."""
        return TinyWorkspace(self._transaction, self._control)

    def drop_replaced(self, table_id: int, keep: int) -> None:
        """Drop all storage of a table but that of one generation."""
        kept = f"t{table_id}_g{keep}"
        names = self._transaction.query(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'dyntables_data' "
            f"AND regexp_matches(table_name, '^t{table_id}_g[0-9]+(_|$)')"
        )
        for (name,) in names:
            if name != kept and not name.startswith(f"{kept}_"):
                self._transaction.run(f"DROP TABLE dyntables_data.{name}")
