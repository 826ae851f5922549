"""The list of dynamic tables that people see."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from dyntables.catalog.connection import Connection

_SHOWN = (
    "created_on, name, database_name, schema_name, owner, target_lag, refresh_mode, refresh_mode_reason, "
    "scheduling_state, data_timestamp, lag_sec, last_completed_refresh_state, last_refresh_action, "
    "last_refresh_reason, last_refresh_duration_ms, comment, text"
)
_DROPPED = (
    "SELECT created_on, name, database_name, schema_name, owner, target_lag, refresh_mode, NULL, 'DROPPED', "
    "data_timestamp, NULL, NULL, NULL, NULL, NULL, comment, text, dropped_on FROM dyntables.dropped_tables"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tables: ``like`` and ``starts`` of names, ``after`` a name in the order of names, at most ``limit``."""

    like: str | None = None
    schema: str | None = None
    database: str | None = None
    starts: str | None = None
    after: str | None = None
    limit: int | None = None


def tables(connection: Connection, wanted: Wanted, *, dropped: bool) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the names of the columns, and a row for each table; ``dropped``: also of those that UNDROP can have."""
    listed = f"SELECT {_SHOWN} FROM dyntables.dynamic_tables"
    if dropped:
        listed = f"SELECT {_SHOWN}, NULL::timestamptz AS dropped_on FROM dyntables.dynamic_tables UNION ALL {_DROPPED}"
    cursor = connection.execute(
        f"SELECT * FROM ({listed}) t WHERE (%(like)s::text IS NULL OR name ILIKE %(like)s) "
        "AND (%(schema)s::text IS NULL OR schema_name = %(schema)s) "
        "AND (%(database)s::text IS NULL OR database_name = %(database)s) "
        "AND (%(starts)s::text IS NULL OR starts_with(name, %(starts)s)) "
        "AND (%(after)s::text IS NULL OR name > %(after)s) "
        "ORDER BY CASE WHEN %(after)s::text IS NULL THEN schema_name END, name, created_on LIMIT %(limit)s",
        asdict(wanted),
    )
    assert cursor.description is not None
    return [c.name for c in cursor.description], cursor.fetchall()
