"""What looks have found that found nothing, until the history has it: rarely, as nobody should write what says nothing.

The first look of a calm table is written at once, and then what has come together when it has been calm for twice as
long, at least once an hour; a late one at once, and everything before the table is refreshed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from dyntables.catalog import Connection
from dyntables.catalog.model import DynamicTable, RefreshReason, RefreshState
from dyntables.engines.postgres.connection.session import set_local
from dyntables.refresh.choice.idle import Sweep
from dyntables.refresh.record.repeats import LONGEST, Repeat, write_repeats


class Looks:
    """By table: looks that are not written yet, a row each; since when it is calm, and when that was written."""

    def __init__(self) -> None:
        self._waiting: dict[int, list[Repeat]] = {}
        self._since: dict[int, tuple[datetime, datetime]] = {}

    def note(self, swept: Sweep, tables: Mapping[int, DynamicTable]) -> None:
        """Count the tables in which a sweep has found nothing; ``tables`` as they were before it."""
        assert swept.began_at is not None
        assert swept.ended_at is not None
        for table_id in swept.done:
            look = Repeat(
                table_id,
                RefreshState.SUCCEEDED,
                RefreshReason.NO_CHANGES,
                swept.began_at,
                swept.ended_at,
                tables[table_id].fresh_at,
                tables[table_id].schedule.target_lag_seconds,
                data_timestamp=swept.began_at,
            )
            waiting = self._waiting.setdefault(table_id, [])
            if waiting and not waiting[-1].late and not look.late:
                look = look.after(waiting.pop())
            waiting.append(look)

    def write(self, connection: Connection, *, before: Collection[int] = ()) -> None:
        """Write what has waited for long enough, and everything of the tables that are about to be refreshed."""
        due = [looks for i, looks in self._waiting.items() if i in before or self._is_due(looks)]
        if due:
            with connection.transaction():
                # What is lost in a crash is how often nothing was found.
                set_local(connection, {"synchronous_commit": "off"})
                for number in range(max(map(len, due))):
                    write_repeats(connection, [looks[number] for looks in due if number < len(looks)])
        for last in [looks[-1] for looks in due]:
            del self._waiting[last.table_id]
            began, _ = self._since.get(last.table_id, (last.ended_at, None))
            self._since[last.table_id] = began, last.ended_at
        for table_id in before:
            self._since.pop(table_id, None)

    def write_all(self, connection: Connection) -> None:
        """Write everything."""
        self.write(connection, before=list(self._waiting))

    def _is_due(self, looks: list[Repeat]) -> bool:
        since = self._since.get(looks[-1].table_id)
        if since is None or looks[-1].late:
            return True
        began, written = since
        return looks[-1].ended_at - written >= min(LONGEST, written - began)
