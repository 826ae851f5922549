"""The tables whose changes are captured, by OID."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dyntables.catalog.connection import Connection

_UNSOUND = """
SELECT ARRAY(SELECT b::bigint FROM dyntables.capture_broken(%(relations)s::oid[]) b
    UNION SELECT o::bigint FROM unnest(%(relations)s::oid[]) o
    WHERE NOT EXISTS (SELECT FROM dyntables.source s WHERE s.relation = o)),
ARRAY(SELECT DISTINCT e.relation::bigint FROM dyntables.source_event e WHERE e.relation = ANY(%(relations)s))
"""
_TYPES = """
UPDATE dyntables.source s SET captured = s.captured || n.types FROM (
    SELECT o.relation, jsonb_object_agg(a.attname, dyntables.log_type(a.attrelid, a.attnum)) AS types
    FROM dyntables.source o JOIN pg_attribute a ON a.attrelid = o.relation AND o.captured ? a.attname::text
    JOIN pg_attribute l ON l.attrelid = to_regclass('dyntables_log.c' || o.relation) AND l.attname = a.attname
        AND dyntables.log_type(l.attrelid, l.attnum) = dyntables.log_type(a.attrelid, a.attnum)
    WHERE o.relation = ANY(%s) GROUP BY o.relation
) n WHERE n.relation = s.relation AND NOT s.captured @> n.types
"""
# A source ``s`` that no incremental table reads, and none that is being replaced would read if it got its old
# definition back.
_UNREAD = """
SELECT s.relation::bigint FROM dyntables.source s
WHERE NOT EXISTS (SELECT FROM dyntables.dependency d JOIN dyntables.dynamic_table t ON t.id = d.dynamic_table_id
    WHERE d.relation = s.relation AND t.effective_mode = 'INCREMENTAL')
AND NOT EXISTS (SELECT FROM dyntables.dynamic_table t WHERE t.reinitialize_reason = 'DEFINITION_CHANGED'
    AND t.fingerprint ? s.relation::text)
"""


def unsound(connection: Connection, relations: Sequence[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Return those of the sources whose changes are not all captured now, and those with events that no log says."""
    row = connection.execute(_UNSOUND, {"relations": list(relations)}).fetchone()
    assert row is not None
    return frozenset(row[0]), frozenset(row[1])


def rename_types(connection: Connection, relations: Sequence[int]) -> None:
    """Call the types of captured columns as they are called now: the log has them by OID."""
    with connection.transaction():
        connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
        connection.execute(_TYPES, (list(relations),))


def captured(connection: Connection) -> list[int]:
    """Return all of them."""
    return [oid for (oid,) in connection.execute("SELECT relation::bigint FROM dyntables.source")]


def unread(connection: Connection) -> list[int]:
    """Return those that no incremental table reads."""
    return [oid for (oid,) in connection.execute(_UNREAD)]


def lock_unread(connection: Connection, relations: Iterable[int]) -> list[int]:
    """Return those of the sources that no incremental table reads, locked until the transaction ends.

    Who is about to read one of them has its row, and goes first; or waits, and captures it anew.
    """
    query = "SELECT relation::bigint FROM dyntables.source WHERE relation = ANY(%s) ORDER BY relation FOR UPDATE"
    known = [oid for (oid,) in connection.execute(query, (list(relations),))]
    return [oid for (oid,) in connection.execute(f"{_UNREAD} AND s.relation = ANY(%s)", (known,))]


def names(connection: Connection) -> dict[int, str]:
    """Return the names of those that dynamic tables read."""
    return dict(
        connection.execute("SELECT relation::bigint, schema_name || '.' || name FROM dyntables.sources").fetchall()
    )


def event_after(connection: Connection, table_id: int, frontier: str | None) -> str | None:
    """Return the kind of an event at a source of a table that its frontier does not see."""
    row = connection.execute(
        "SELECT min(e.kind) FROM dyntables.source_event e JOIN dyntables.dependency d USING (relation) "
        "WHERE d.dynamic_table_id = %s AND d.kind = 'TABLE' AND (e.columns IS NULL OR e.columns && d.columns) "
        "AND NOT pg_visible_in_snapshot(e.xid, %s::pg_snapshot)",
        (table_id, frontier),
    ).fetchone()
    return row[0] if row else None
