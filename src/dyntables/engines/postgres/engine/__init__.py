"""PostgreSQL behind the engine's port: each question goes to the module that knows how to ask it here."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from dyntables.engines.port import Changes, Locks, Session, Sizes, Workspace
from dyntables.engines.postgres.connection.settings import spoken_settings
from dyntables.engines.postgres.engine.changes import LoggedChanges
from dyntables.engines.postgres.engine.session import AdvisoryLocks, PlannersSizes, PostgresSession
from dyntables.engines.postgres.engine.workspace import PostgresWorkspace
from dyntables.engines.postgres.rights.hands import hands_of
from dyntables.engines.postgres.storage.generations import drop_generations
from dyntables.engines.postgres.storage.staging import drop_staging, staging_of

__all__ = ["Postgres"]


class Postgres:
    """The engine of one connection."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self.session: Session = PostgresSession(connection)
        self.locks: Locks = AdvisoryLocks(connection)
        self.changes: Changes = LoggedChanges(connection)
        self.sizes: Sizes = PlannersSizes(connection)

    def workspace(self, owner: str, settings: Mapping[str, str] | None = None) -> Workspace:
        """Return where to work on a table of a role."""
        hands = hands_of(self._connection, owner, spoken_settings(settings) if settings else None)
        return PostgresWorkspace(self._connection, hands)

    def drop_replaced(self, table_id: int, keep: int) -> None:
        """Drop what a rebuild has replaced; what readers hold is dropped after a later run."""
        drop_generations(self._connection, table_id, keep)
        drop_staging(self._connection, staging_of(self._connection, table_id))
