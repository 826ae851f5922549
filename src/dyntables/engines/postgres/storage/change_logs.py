"""The change logs of dynamic tables, which their incremental readers consume; and what else stands beside storage."""

from __future__ import annotations

import psycopg

from dyntables.compiler.names import HASH, quote_qualified


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
