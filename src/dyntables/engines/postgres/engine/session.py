"""The transaction at work, the locks of tables, and the sizes of things, as the engine's port asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

import psycopg

from dyntables.engines.port import Snapshot
from dyntables.engines.postgres.connection import session
from dyntables.engines.postgres.connection.errors import savepoint, translated
from dyntables.engines.postgres.connection.processes import shown_name
from dyntables.engines.postgres.connection.snapshot import begin_at_snapshot, present_snapshot
from dyntables.engines.postgres.definition import facts
from dyntables.engines.postgres.locking import refreshes, storage
from dyntables.engines.postgres.rights.hands import guarded


class PostgresSession:
    """A connection's transaction; the connection is the catalog's, too, so that one COMMIT covers both."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def guarded(self, owners: Iterable[str]) -> AbstractContextManager[None]:
        """Open a transaction in which code of these roles may run."""
        return guarded(self._connection, owners)

    def savepoint(self) -> AbstractContextManager[None]:
        """Open a savepoint."""
        return savepoint(self._connection)

    def translated(self) -> AbstractContextManager[None]:
        """Let errors of the driver leave a block as ours."""
        return translated()

    def begin(self) -> Snapshot:
        """Let the present transaction see one snapshot: REPEATABLE READ."""
        return begin_at_snapshot(self._connection)

    def present(self) -> Snapshot:
        """Return what a statement sees now."""
        return present_snapshot(self._connection)

    def pin(self, settings: Mapping[str, str]) -> None:
        """Set what a refresh runs under, and these settings."""
        session.pin_settings(self._connection, settings)

    def set(self, settings: Mapping[str, str]) -> None:
        """Set settings of the server."""
        session.set_local(self._connection, settings)

    def reset(self, names: Iterable[str]) -> None:
        """Set settings of the server to those of the session."""
        session.set_to_default(self._connection, names)

    def shown_name(
        self, table_id: int, action: str, step: tuple[int, int], phase: str, rows: int, expected_ms: int, since_ms: int
    ) -> str:
        """Return the application_name that says how far the session is with a table."""
        return shown_name(table_id, action, step, phase, rows, expected_ms, since_ms)

    def plan_quickly(self, joined: int) -> None:
        """Let the planner order the joins of a large query in smaller groups."""
        session.plan_quickly(self._connection, joined)


class AdvisoryLocks:
    """Advisory locks of the session, which are taken before the snapshot."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def hold(self, ids: Iterable[int]) -> None:
        """Lock tables for a refresh."""
        refreshes.lock_refreshes(self._connection, ids)

    def release(self, ids: Iterable[int]) -> None:
        """Let go of them."""
        refreshes.unlock_refreshes(self._connection, ids)

    def share_storage(self, ids: Sequence[int]) -> None:
        """Wait for rebuilds, and keep others from replacing storage; for the session."""
        storage.share_storage(self._connection, ids)

    def release_storage(self, ids: Sequence[int]) -> None:
        """End what ``share_storage`` began."""
        storage.release_storage(self._connection, ids)

    def own_storage(self, table_id: int) -> None:
        """Wait until nobody shares the storage; until the end of the transaction."""
        storage.own_storage(self._connection, table_id)


class PlannersSizes:
    """Sizes as the planner knows them."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def rows(self, oids: Iterable[int]) -> dict[int, int]:
        """Return the estimated number of rows of relations."""
        return facts.estimated_rows(self._connection, oids)

    def storage(self, names: Mapping[int, str]) -> dict[int, int]:
        """Return the OIDs of those storage tables that exist."""
        return facts.storage_oids(self._connection, names)

    def name(self, oid: int) -> str | None:
        """Return ``schema.name`` of a relation."""
        return facts.relation_name(self._connection, oid)

    def memory(self) -> int:
        """Return the bytes of the server's buffers."""
        return facts.shared_buffers(self._connection)
