"""What a process that does not lead does about alerts: it says when nobody does."""

from __future__ import annotations

from dyntables.alerts.seen import Installation
from dyntables.alerts.watching import Watch
from dyntables.catalog import Connection
from dyntables.catalog.alerts import rules, standings
from dyntables.catalog.leader import present_leader
from dyntables.catalog.past.history import now as server_time

_EVERY_SECONDS = 5.0


class Standby:
    """Looks now and then whether somebody leads."""

    def __init__(self) -> None:
        self._looked_at: float | None = None
        self._missing_since: float | None = None

    def look(self, connection: Connection, at: float) -> bool:
        """Look, if the last look is a while ago; tell whether an alert has changed.

        Whoever leads next finds the alert, and resolves it.
        """
        if self._looked_at is not None and at - self._looked_at < _EVERY_SECONDS:
            return False
        self._looked_at = at
        if present_leader(connection) is not None:
            self._missing_since = None
            return False
        since = self._missing_since = self._missing_since if self._missing_since is not None else at
        with connection.transaction():
            rules.hold(connection)  # several may stand by
            return self._record(connection, at - since)

    def _record(self, connection: Connection, missing: float) -> bool:
        kept = [k.rule for k in rules.all_rules(connection) if k.enabled]
        watch = Watch(kept, [a for a in standings.open_alerts(connection) if a.table_id is None])
        found = watch.look_at_installation(Installation(missing), server_time(connection))
        standings.write_changes(connection, found)
        return bool(found)
