"""The change logs of dynamic tables, which their incremental readers consume; and what else stands beside storage."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from dyntables.compiler.names import HASH, VERSION, quote_qualified


def withdraw_log(connection: psycopg.Connection, log: str, owner: str) -> None:
    """Take the rights on a change log from a former owner of its table; the service keeps its own."""
    row = connection.execute(
        "SELECT to_regclass(%s) IS NOT NULL AND EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", (log, owner)
    ).fetchone()
    if row and row[0] and owner != connection.info.user:
        connection.execute(f"REVOKE ALL ON {log} FROM {quote_qualified(owner)}")


def stores_digests(connection: psycopg.Connection, table_id: int, generation: int) -> bool:
    """Tell whether a generation of storage has digests of printed rows."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relnamespace = 'dyntables_data'::regnamespace AND c.relname ~ %s AND a.attname = %s)",
        (f"^t{table_id}_g{generation}($|_)", HASH),
    ).fetchone()
    return bool(row and row[0])


def large_logs(connection: psycopg.Connection, ids: Sequence[int], size: int) -> list[int]:
    """Return those of the tables whose change logs have so many bytes."""
    rows = connection.execute(
        "SELECT i FROM unnest(%s::bigint[]) i WHERE pg_relation_size(to_regclass('dyntables_log.d' || i)) >= %s",
        (list(ids), size),
    )
    return [table_id for (table_id,) in rows]


def log_size(connection: psycopg.Connection, log: str) -> int:
    """Return how many bytes a change log has; 0 if there is none."""
    row = connection.execute("SELECT pg_relation_size(to_regclass(%s))", (log,)).fetchone()
    return int(row[0] or 0) if row else 0


def close_log(connection: psycopg.Connection, log: str) -> None:
    """Keep everybody from a change log until the transaction ends."""
    connection.execute(f"LOCK TABLE {log} IN ACCESS EXCLUSIVE MODE")


def has_later(connection: psycopg.Connection, log: str, version: int) -> bool:
    """Tell whether a change log has changes after a version."""
    row = connection.execute(f"SELECT EXISTS (SELECT 1 FROM {log} WHERE {VERSION} > %s)", (version,)).fetchone()
    return bool(row and row[0])


def empty_log(connection: psycopg.Connection, log: str) -> None:
    """Remove all changes."""
    connection.execute(f"TRUNCATE {log}")


def forget_changes(connection: psycopg.Connection, log: str, version: int) -> None:
    """Remove the changes up to a version; vacuum gives their space to new ones."""
    connection.execute(f"DELETE FROM {log} WHERE {VERSION} <= %s", (version,))
