"""What goes when dyntables goes: capture, which lives outside of the catalog, and the views that hold nothing."""

from __future__ import annotations

import psycopg

from dyntables import locks

_FUNCTIONS = """
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'dyntables_log' AND p.proname ~ '^[fm][0-9]+$' ORDER BY substr(p.proname, 2)::bigint, p.proname
"""
# The table of a log before those of its generations, which go with it.
_LOGS = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'dyntables_log' AND c.relkind = 'r' AND c.relname ~ '^[cd][0-9]+$' ORDER BY c.relname
"""
_EMPTY = """
SELECT DISTINCT r.ev_class::regclass::text FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
JOIN dyntables.dynamic_table t ON t.view_oid = r.ev_class
WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_proc'::regclass
    AND d.refobjid = 'dyntables.not_initialized(text)'::regprocedure
"""
# Storage outlives the way down to 0, under the views that users go on reading.
_USED = """
SELECT setval(pg_get_serial_sequence('dyntables.dynamic_table', 'id'), max(substring(relname FROM '[0-9]+')::bigint))
FROM pg_class WHERE relnamespace = 'dyntables_data'::regnamespace AND relname ~ '^t[0-9]+_g'
HAVING count(*) > 0
"""


def remove_capture(connection: psycopg.Connection) -> None:
    """Remove the triggers on sources and their partitions, and all logs; the caller owns the transaction.

    It looks at what there is, and not at the catalog, which may be gone. Sources are locked before logs, as by writers.
    """
    connection.execute("SELECT set_config('lock_timeout', %s, true)", (f"{locks.PATIENCE_MS}ms",))
    for (function,) in connection.execute(_FUNCTIONS).fetchall():
        connection.execute(f"DROP FUNCTION {function} CASCADE")
    for (log,) in connection.execute(_LOGS).fetchall():
        connection.execute(f"DROP TABLE {log} CASCADE")


def drop_empty_views(connection: psycopg.Connection) -> None:
    """Drop the views of dynamic tables that were never filled: they can be read by nobody."""
    for (view,) in connection.execute(_EMPTY).fetchall():
        connection.execute(f"DROP VIEW {view}")


def skip_used_numbers(connection: psycopg.Connection) -> None:
    """Number new dynamic tables after those whose storage is still there."""
    connection.execute(_USED)
