"""Rows that are kept for some time: of refreshes, and of the audit trail."""

from __future__ import annotations

from dyntables.catalog.connection import Connection

_OLD_REFRESHES = """
DELETE FROM dyntables.refresh WHERE id IN (
    SELECT r.id FROM dyntables.refresh r WHERE r.ended_at < now() -
        (SELECT value::interval FROM dyntables.setting WHERE name = 'history_retention')
    AND r.id < (SELECT max(m.id) FROM dyntables.refresh m WHERE m.dynamic_table_id = r.dynamic_table_id)
    ORDER BY r.ended_at LIMIT %s)
"""
_OLD_AUDIT = """
DELETE FROM dyntables.audit WHERE id IN (SELECT id FROM dyntables.audit WHERE happened_at < now() -
    (SELECT value::interval FROM dyntables.setting WHERE name = 'audit_retention') ORDER BY id LIMIT %s)
"""


def delete_old_refreshes(connection: Connection, most: int) -> int:
    """Delete refreshes that are older than their retention; return how many. The last of a table stays."""
    return connection.execute(_OLD_REFRESHES, (most,)).rowcount


def delete_old_audit(connection: Connection, most: int) -> int:
    """Delete what the audit trail has that is older than its retention; return how much."""
    return connection.execute(_OLD_AUDIT, (most,)).rowcount
