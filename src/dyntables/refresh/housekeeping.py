"""What keeps the catalog and the change logs small, whether or not anything is refreshed."""

from __future__ import annotations

import psycopg

from dyntables.catalog import store
from dyntables.refresh.upkeep import trim_own, trim_source

_BATCH = 10_000


def trim_all(connection: psycopg.Connection) -> None:
    """Trim every change log, also those whose readers are all suspended."""
    for (oid,) in connection.execute("SELECT relation::bigint FROM dyntables.source").fetchall():
        trim_source(connection, oid)
    tables = store.load_all(connection)
    for table_id in tables:
        trim_own(connection, tables, table_id)


def prune_history(connection: psycopg.Connection) -> int:
    """Delete a batch of what is older than its retention; return how many rows. The last refresh of a table stays."""
    pruned = connection.execute(
        "DELETE FROM dyntables.refresh WHERE id IN (SELECT r.id FROM dyntables.refresh r WHERE r.ended_at < now() - "
        "(SELECT value::interval FROM dyntables.setting WHERE name = 'history_retention') AND r.id < "
        "(SELECT max(m.id) FROM dyntables.refresh m WHERE m.dynamic_table_id = r.dynamic_table_id) LIMIT %s)",
        (_BATCH,),
    ).rowcount
    pruned += connection.execute(
        "DELETE FROM dyntables.audit WHERE id IN (SELECT id FROM dyntables.audit WHERE happened_at < now() - "
        "(SELECT value::interval FROM dyntables.setting WHERE name = 'audit_retention') LIMIT %s)",
        (_BATCH,),
    ).rowcount
    return pruned
