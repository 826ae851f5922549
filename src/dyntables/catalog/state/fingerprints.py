"""What the server and the catalog say of relations that are read, as a fingerprint has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dyntables.catalog.connection import Connection

# Nothing here may lock what it looks at: the leader asks this for all tables, and would wait for whoever locks one.
# Of an array in a subquery the planner does not see the length, so a prepared statement is planned once: to plan it
# takes three times as long as to run it.
_RELATIONS = """
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind, t.version, dyntables.capture_obstacle(c.oid),
    CASE WHEN c.relkind = 'v' AND t.version IS NULL THEN (SELECT md5(r.ev_action::text) FROM pg_rewrite r
        WHERE r.ev_class = c.oid AND r.rulename = '_RETURN') END,
    CASE WHEN c.relkind <> 'p' THEN c.relfilenode::text ELSE (
        SELECT md5(string_agg(pg_relation_filenode(p.relid)::text, ' ' ORDER BY p.relid))
        FROM dyntables.partition_tree(c.oid) p
    ) END,
    CASE WHEN c.relkind = 'p' THEN ARRAY(SELECT p.relid::bigint FROM dyntables.partition_tree(c.oid) p ORDER BY 1) END,
    CASE WHEN c.relkind = 'p' THEN ARRAY(
        SELECT m.member::bigint FROM dyntables.source_member m WHERE m.relation = c.oid AND m.born ORDER BY 1) END,
    c.relkind = 'p' AND EXISTS (SELECT m.member FROM dyntables.source_member m WHERE m.relation = c.oid
        EXCEPT SELECT dyntables.capture_members(c.oid)),
    c.relkind IN ('r', 'p') AND NOT (SELECT dyntables.alterations_noted())
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN dyntables.dynamic_table t ON t.view_oid = c.oid WHERE c.oid = ANY((SELECT %s::oid[])::oid[])
"""
_REWRITTEN = """
SELECT EXISTS (SELECT FROM dyntables.dependency d CROSS JOIN LATERAL (SELECT d.relation AS oid UNION
SELECT p.relid FROM dyntables.partition_tree(d.relation) p) m JOIN pg_class c ON c.oid = m.oid
WHERE d.dynamic_table_id = %s AND c.relkind IN ('r', 'm') AND c.relfilenode <> pg_relation_filenode(c.oid))
"""


def relations(
    connection: Connection, oids: Sequence[int], *, prepare: bool | None = None
) -> dict[int, tuple[dict[str, Any], str | None]]:
    """Return by OID what a fingerprint has of each relation beside its columns, and what tells its files apart."""
    found: dict[int, tuple[dict[str, Any], str | None]] = {}
    rows = connection.execute(_RELATIONS, (list(oids),), prepare=prepare)
    for oid, schema, name, kind, version, obstacle, view, files, partitions, born, vanished, unnoted in rows:
        optional = {
            "version": version, "view": view, "obstacle": obstacle, "partitions": partitions, "born": born or None,
            "vanished": vanished or None, "unnoted": unnoted or None,
        }  # fmt: skip
        known = {key: value for key, value in optional.items() if value is not None}
        found[oid] = ({"name": [schema, name], "kind": kind, **known}, files)
    return found


def rewritten(connection: Connection, table_id: int) -> bool:
    """Tell whether a source of a table was rewritten or truncated between the snapshot and the moment it was read.

    The server shows such a table as empty to older snapshots. Its catalog still has the old file in our snapshot, while
    the function looks at the present; from here on our lock on what was read keeps it as it is.
    """
    row = connection.execute(_REWRITTEN, (table_id,)).fetchone()
    return bool(row and row[0])
