"""The incremental tables that consume the change log of a dynamic table."""

from __future__ import annotations

from dyntables import locks
from dyntables.catalog.connection import Connection

_REBUILT = """
SELECT EXISTS (SELECT FROM dyntables.dependency d JOIN dyntables.dynamic_table t ON t.id = d.dynamic_table_id
JOIN pg_locks l ON l.locktype = 'advisory' AND l.objid = t.id AND l.objsubid = 2 AND l.granted
AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
WHERE d.upstream_id = %s AND t.reinitialize_reason IS NOT NULL AND l.classid = %s AND l.pid <> pg_backend_pid())
"""
_CONSUMED = """
SELECT min(coalesce((t.consumed ->> %(id)s::text)::bigint, 0)) FROM dyntables.dynamic_table t
WHERE t.effective_mode = 'INCREMENTAL' AND t.reinitialize_reason IS NULL
AND t.id IN (SELECT d.dynamic_table_id FROM dyntables.dependency d WHERE d.upstream_id = %(id)s)
"""
_GIVE_UP = """
UPDATE dyntables.dynamic_table t SET reinitialize_reason = 'LOG_LIMIT'
FROM dyntables.dependency d, dyntables.dynamic_table parent WHERE d.upstream_id = %s
AND parent.id = d.upstream_id AND t.id = d.dynamic_table_id AND t.effective_mode = 'INCREMENTAL'
AND t.reinitialize_reason IS NULL
AND coalesce((t.consumed ->> parent.id::text)::bigint, 0) < parent.change_version
"""


def rebuilt_now(connection: Connection, table_id: int) -> bool:
    """Tell whether somebody computes a reader of a table anew at present.

    Such a one needs no log: it will have consumed what is there when it begins. If it has begun, that is not known
    before it ends.
    """
    row = connection.execute(_REBUILT, (table_id, locks.REFRESH)).fetchone()
    return bool(row and row[0])


def least_consumed(connection: Connection, table_id: int) -> int | None:
    """Return the version up to which all readers have consumed the log of a table; None if nobody reads it."""
    row = connection.execute(_CONSUMED, {"id": table_id}).fetchone()
    return row[0] if row else None


def give_up(connection: Connection, table_id: int) -> None:
    """Do not keep changes any longer for readers that do not come for them; they reinitialize."""
    connection.execute(_GIVE_UP, (table_id,))
