"""What one table's refreshes may take of the server, as settings; and how busy it is with others' work."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

_SETTINGS = {
    "WORK_MEM": ("work_mem", "maintenance_work_mem"),
    "MAX_PARALLEL_WORKERS": ("max_parallel_workers_per_gather", "max_parallel_maintenance_workers"),
    "STATEMENT_TIMEOUT": ("statement_timeout",),
    "LOCK_TIMEOUT": ("lock_timeout",),
}
_ACTIVE = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' "
    "AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name NOT LIKE 'dyntables%'"
)


def limiting_settings(limits: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that limits, by the names of the options, mean."""
    return {name: value for option, value in limits.items() for name in _SETTINGS.get(option, ())}


def active_sessions(connection: psycopg.Connection) -> int:
    """Return how many sessions of others are at work in this database."""
    row = connection.execute(_ACTIVE).fetchone()
    return int(row[0]) if row else 0
