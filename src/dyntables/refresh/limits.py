"""What one table's refreshes may take of the server, by its options."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from dyntables import clock
from dyntables.catalog import Connection
from dyntables.catalog.model import DynamicTable
from dyntables.engines.postgres.connection.load import active_sessions, limiting_settings
from dyntables.engines.postgres.connection.settings import steady_settings

_LONGEST_WAIT = 5.0


def limits(table: DynamicTable) -> dict[str, str]:
    """Return a table's limits, by the names of the options."""
    return dict(table.definition.options.limits)


def settings(table: DynamicTable) -> dict[str, str]:
    """Return the server's settings that a table's limits mean."""
    return limiting_settings(limits(table))


def pinned(table: DynamicTable) -> dict[str, str]:
    """Return all settings under which the service works for a table."""
    found = steady_settings(table.definition.all_settings) | settings(table)
    # A configuration that was dropped concerns those alone who use it.
    if table.incremental and not any(name[0] in "sf" for name in table.contents.code or ("s",)):
        found.pop("default_text_search_config", None)
    return found


def let_load_pass(connection: Connection, tables: Mapping[int, DynamicTable], targets: Iterable[int]) -> None:
    """Wait while more sessions are active than a target's MAX_ACTIVE_SESSIONS, for some seconds at most.

    The contents only get older by it; who calls again for a table that is late does not wait.
    """
    most = [int(n) for t in targets if (n := limits(tables[t]).get("MAX_ACTIVE_SESSIONS")) and not _late(tables[t])]
    end = clock.monotonic() + _LONGEST_WAIT
    while most and clock.monotonic() < end:
        if active_sessions(connection) <= min(most):
            return
        time.sleep(0.2)


def _late(table: DynamicTable) -> bool:
    if table.fresh_at is None or table.schedule.target_lag_seconds is None:
        return True
    return (clock.now() - table.fresh_at).total_seconds() > table.schedule.target_lag_seconds
