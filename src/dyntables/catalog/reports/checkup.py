"""What the catalog says of an installation that somebody should look at."""

from __future__ import annotations

from dataclasses import dataclass

from dyntables.catalog.connection import Connection


@dataclass(frozen=True, slots=True)
class SlowReader:
    """A table for which a change log keeps much; sizes as people read them."""

    name: str
    owed: str
    limit: str
    source: str


def broken_sources(connection: Connection) -> list[str]:
    """Return the sources whose capture is not as it was installed."""
    query = "SELECT schema_name || '.' || name FROM dyntables.sources WHERE capture = 'BROKEN' ORDER BY 1"
    return [name for (name,) in connection.execute(query)]


def alterations_noted(connection: Connection) -> bool:
    """Tell whether an event trigger notes what is done to used columns."""
    row = connection.execute("SELECT dyntables.alterations_noted()").fetchone()
    return bool(row and row[0])


def log_keeper_advice(connection: Connection) -> str | None:
    """Return what to do for the change logs to belong to a role without rights; None if they do."""
    row = connection.execute("SELECT dyntables.log_keeper_advice()").fetchone()
    return row[0] if row else None


def slow_readers(connection: Connection) -> list[SlowReader]:
    """Return the tables that owe a change log more than half of what it may keep, and do not reinitialize anyway."""
    rows = connection.execute(
        "SELECT schema_name || '.' || name, pg_size_pretty(bytes_owed), pg_size_pretty(dyntables.log_limit()), "
        "source_name FROM dyntables.source_readers WHERE bytes_owed > dyntables.log_limit() / 2 "
        "AND reinitialize_reason IS NULL ORDER BY 1, 4"
    )
    return [SlowReader(*row) for row in rows]


def unread_downstream(connection: Connection) -> list[str]:
    """Return the tables that refresh only for readers, and have none."""
    rows = connection.execute(
        "SELECT schema_name || '.' || table_name FROM dyntables.dynamic_table t "
        "WHERE target_lag_seconds IS NULL AND scheduled AND NOT options ? 'schedule' "
        "AND NOT EXISTS (SELECT 1 FROM dyntables.dependency d WHERE d.upstream_id = t.id) ORDER BY 1"
    )
    return [name for (name,) in rows]


def why_late(connection: Connection, table_id: int) -> list[tuple[str, str]]:
    """Return what holds a table back, as (finding, detail)."""
    return connection.execute("SELECT finding, detail FROM dyntables.why_late(%s)", (table_id,)).fetchall()
