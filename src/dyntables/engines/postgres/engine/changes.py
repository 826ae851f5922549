"""The change logs of sources and of dynamic tables, as the engine's port asks for them."""

from __future__ import annotations

from collections.abc import Collection

import psycopg

from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.engines.port import Rows, Weights
from dyntables.engines.postgres.capture import owed
from dyntables.engines.postgres.storage.change_logs import renew_change_log


class LoggedChanges:
    """What triggers have logged of sources, and refreshes of dynamic tables."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def of_source(self, oid: int, columns: tuple[Column, ...], since: str) -> Rows:
        """Return the changes of a source that a snapshot does not see."""
        return owed.owed_of_source(oid, columns, since)

    def of_table(self, log: str, columns: tuple[Column, ...], consumed: int) -> Rows:
        """Return the changes of a dynamic table after a version."""
        return owed.owed_of_dynamic_table(log, columns, consumed)

    def weights(self, items: Collection[Rows]) -> list[Weights]:
        """Count the rows of several deltas, by one query."""
        return owed.count_owed(self._connection, items)

    def count(self, oid: int, since: str | None) -> tuple[int, str | None]:
        """Return the number of a source's changes, and the name of the source."""
        return owed.count_in_log(self._connection, oid, since)

    def count_of_table(self, log: str, consumed: int) -> int:
        """Return the number of a dynamic table's changes after a version."""
        return owed.count_in_own_log(self._connection, log, consumed)

    def renew(self, log: str, schema: str, name: str) -> None:
        """Begin a dynamic table's log anew, if there is one."""
        renew_change_log(self._connection, log, schema, name)
