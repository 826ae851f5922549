"""What the explanation wants to know of tables: estimated rows, indexes, distinct values, sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg

from dyntables.compiler.explain.facts import Index, StorageFacts, TableFacts

# A table that nobody has analysed yet says -1; its size says something. Partitions count for their table.
_ROWS = """
SELECT t.oid::bigint, coalesce(sum(CASE WHEN p.reltuples >= 0 THEN p.reltuples ELSE dyntables.size_of(p.oid) / 100 END)
    FILTER (WHERE p.relkind IN ('r', 'm', 'f')), 0)::bigint
FROM unnest(%s::oid[]) t(oid)
CROSS JOIN LATERAL (SELECT t.oid AS relid UNION SELECT relid::oid FROM dyntables.partition_tree(t.oid)) x
JOIN pg_class p ON p.oid = x.relid
GROUP BY t.oid
"""

_INDEXES = """
SELECT i.indrelid::bigint, c.relname,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) k ORDER BY k)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
WHERE i.indrelid = ANY(%s::oid[]) AND i.indisvalid AND i.indpred IS NULL AND a.amname IN ('btree', 'hash')
ORDER BY i.indrelid, c.relname
"""

_DISTINCT = """
SELECT c.oid::bigint, s.attname, s.n_distinct FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname
WHERE c.oid = ANY(%s::oid[]) AND s.n_distinct <> 0 ORDER BY s.inherited
"""

_STORAGE = """
SELECT n.nspname || '.' || c.relname, greatest(c.reltuples, 0)::bigint, dyntables.size_of(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'dyntables_data' AND c.relname = ANY(%s)
"""


def estimated_rows(connection: psycopg.Connection, oids: Iterable[int]) -> dict[int, int]:
    """Return the estimated number of rows of tables."""
    return {oid: rows for oid, rows in connection.execute(_ROWS, (list(oids),))}


def relation_name(connection: psycopg.Connection, oid: int) -> str | None:
    """Return ``schema.name`` of a relation."""
    row = connection.execute(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.oid = %s",
        (oid,),
    ).fetchone()
    return row[0] if row else None


def storage_oids(connection: psycopg.Connection, storages: Mapping[int, str]) -> dict[int, int]:
    """Return the OIDs of those storage tables that exist, by the id of their dynamic table."""
    rows = connection.execute(
        "SELECT i, to_regclass(s)::oid::bigint FROM unnest(%s::bigint[], %s::text[]) u(i, s) "
        "WHERE to_regclass(s) IS NOT NULL",
        (list(storages), list(storages.values())),
    ).fetchall()
    return {int(table_id): int(oid) for table_id, oid in rows}


def table_facts(connection: psycopg.Connection, oids: Iterable[int]) -> dict[int, TableFacts]:
    """Return what the catalog and the statistics say of tables."""
    wanted = list(oids)
    indexes: dict[int, list[Index]] = {}
    for oid, name, keys in connection.execute(_INDEXES, (wanted,)):
        indexes.setdefault(oid, []).append(Index(name, tuple(_unquoted(k) for k in keys)))
    counts = estimated_rows(connection, wanted)
    distinct: dict[int, dict[str, float]] = {}
    for oid, column, values in connection.execute(_DISTINCT, (wanted,)):
        # A negative number is a fraction of the rows.
        distinct.setdefault(oid, {})[column] = values if values > 0 else -values * counts.get(oid, 0)
    return {oid: TableFacts(rows, tuple(indexes.get(oid, ())), distinct.get(oid, {})) for oid, rows in counts.items()}


def storage_facts(connection: psycopg.Connection, storages: Iterable[str]) -> dict[str, StorageFacts]:
    """Return rows and bytes of the storage tables that exist."""
    names = [storage.split(".")[-1] for storage in storages]
    return {name: StorageFacts(rows, size) for name, rows, size in connection.execute(_STORAGE, (names,))}


def _unquoted(key: str) -> str:
    """Return a column's name as it is; an expression stays SQL."""
    return key[1:-1].replace('""', '"') if key.startswith('"') and key.endswith('"') else key


def shared_buffers(connection: psycopg.Connection) -> int:
    """Return the size of the server's shared memory for pages, in bytes."""
    row = connection.execute("SELECT pg_size_bytes(current_setting('shared_buffers'))").fetchone()
    assert row is not None
    return int(row[0])
