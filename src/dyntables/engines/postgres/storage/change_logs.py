"""The change logs of dynamic tables, which their incremental readers consume; and what else stands beside storage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg

from dyntables.compiler.names import HASH, VERSION, WEIGHT, quote_qualified
from dyntables.engines.postgres.capture.captured import keep, leave_unanalysed
from dyntables.engines.postgres.storage.views import Reshaping


def ensure_change_log(connection: psycopg.Connection, log: str, schema: str, name: str) -> None:
    """Create the table that records a dynamic table's own output deltas."""
    if not _exists(connection, log):
        columns = _log_columns(connection, quote_qualified(schema, name))
        items = "".join(f", {quote_qualified(column)} {type_}" for column, type_ in columns.items())
        connection.execute(f"CREATE TABLE {log} ({VERSION} bigint, {WEIGHT} integer{items})")
        keep(connection, log)
        leave_unanalysed(connection, log)
        # What is consumed is deleted, also where a publication holds all tables.
        connection.execute(f"ALTER TABLE {log} REPLICA IDENTITY FULL")


def renew_change_log(connection: psycopg.Connection, log: str, schema: str, name: str) -> None:
    """Begin a dynamic table's change log anew, if there is one: the table may have other columns."""
    if _exists(connection, log):
        connection.execute(f"DROP TABLE {log}")
        ensure_change_log(connection, log, schema, name)


def drop_change_log(connection: psycopg.Connection, log: str) -> None:
    """Drop the change log of a dynamic table, if it has one."""
    connection.execute(f"DROP TABLE IF EXISTS {log}")


def reshape_log(connection: psycopg.Connection, log: str, view: str, *, dropped: Iterable[str], new: Reshaping) -> None:
    """Give a dynamic table's change log, if there is one, the columns that its view has got; old rows keep theirs."""
    if not _exists(connection, log):
        return
    for name in dropped:
        connection.execute(f"ALTER TABLE {log} DROP COLUMN IF EXISTS {quote_qualified(name)}")
    types = _log_columns(connection, view)
    for name, _ in new.added:
        connection.execute(f"ALTER TABLE {log} ADD COLUMN {quote_qualified(name)} {types[name]}")
    leave_unanalysed(connection, log)
    for old, fresh in new.renamed:
        connection.execute(f"ALTER TABLE {log} RENAME COLUMN {quote_qualified(old)} TO {quote_qualified(fresh)}")


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


def _log_columns(connection: psycopg.Connection, view: str) -> dict[str, str]:
    """Return the columns of a view in order, each with the type in which a log holds it."""
    rows = connection.execute(
        "SELECT a.attname, dyntables.log_type(a.attrelid, a.attnum) FROM pg_attribute a "
        "WHERE a.attrelid = %s::regclass AND a.attnum > 0 ORDER BY a.attnum",
        (view,),
    )
    return dict(rows.fetchall())


def _exists(connection: psycopg.Connection, log: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (log,)).fetchone()
    return bool(row and row[0])
