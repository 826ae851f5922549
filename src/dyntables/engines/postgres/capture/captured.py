"""Change capture: an append-only log for each source, filled in the writer's own transaction.

Statement-level AFTER triggers with transition tables write the image of each changed row, its weight and the writer's
transaction id. A reader owes itself the rows whose transaction its last snapshot did not see, so a writer that commits
late is never missed and never counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg.types.json import Jsonb

from dyntables.compiler.names import WEIGHT, XID, logged, quote_qualified
from dyntables.compiler.plan.algebra.nodes import Column, SqlType
from dyntables.engines.postgres.capture.trigger_functions import SCHEMA, log_table, virtual_columns, write_functions
from dyntables.errors import EngineError

_NEW = 0x6478


@dataclass(frozen=True, slots=True)
class CapturedTable:
    """A source to capture: its present name, and the columns that readers need with their types."""

    oid: int
    schema: str
    name: str
    columns: Mapping[str, str]


def ensure(connection: psycopg.Connection, table: CapturedTable, *, altered: bool = False) -> None:
    """Capture at least the given columns of a table; call inside a transaction that is committed before reading.

    ``altered``: the table is not what it was, so the expressions of virtual columns are read anew.

    Takes SHARE ROW EXCLUSIVE on the table for an instant: every writer has either finished before or writes the log.
    """
    query = "SELECT captured, generation FROM dyntables.source WHERE relation = %s FOR UPDATE"
    row = connection.execute(query, (table.oid,)).fetchone()
    if row is None:
        # There is no row yet that two who begin at the same time could wait for.
        connection.execute("SELECT pg_advisory_xact_lock(%s, %s::oid::bigint::bit(32)::integer)", (_NEW, table.oid))
        row = connection.execute(query, (table.oid,)).fetchone()
    captured: dict[str, str] = dict(row[0]) if row else {}
    wanted = {**captured, **_as_logged(connection, table)}
    complete = row is not None and not broken(connection, [table.oid])
    renew = altered and bool(virtual_columns(connection, table.oid).keys() & wanted.keys())
    if complete and wanted == captured and not renew:
        return
    lock(connection, table.schema, table.name)
    log = log_table(table.oid)
    if row is None:
        connection.execute(f"CREATE TABLE {log} ({XID} xid8 NOT NULL, {WEIGHT} smallint NOT NULL)")
        keep(connection, log)
        connection.execute(
            "INSERT INTO dyntables.source (relation, schema_name, relation_name) VALUES (%s, %s, %s)",
            (table.oid, table.schema, table.name),
        )
        new_generation(connection, table.oid, 0)
        _warn_readers(connection, table.oid)
    elif not complete:
        record_event(connection, table.oid, "CAPTURE_MISSING")
    set_columns(connection, table.oid, wanted)
    create_triggers(connection, table.oid)


def _as_logged(connection: psycopg.Connection, table: CapturedTable) -> dict[str, str]:
    """Return the wanted columns, each with the type in which a log holds it."""
    rows = connection.execute(
        "SELECT a.attname, dyntables.log_type(a.attrelid, a.attnum) FROM pg_attribute a "
        "WHERE a.attrelid = %s AND a.attname = ANY(%s)",
        (table.oid, list(table.columns)),
    )
    return dict(table.columns) | dict(rows.fetchall())


def broken(connection: psycopg.Connection, oids: list[int]) -> list[int]:
    """Return the sources some of whose triggers are not as they were installed: changes may be missing."""
    rows = connection.execute("SELECT b::bigint FROM dyntables.capture_broken(%s::oid[]) b", (oids,)).fetchall()
    return [row[0] for row in rows]


def missing(connection: psycopg.Connection, oids: list[int]) -> set[int]:
    """Return those of the tables that are not captured at all."""
    query = "SELECT o::bigint FROM unnest(%s::oid[]) o WHERE o NOT IN (SELECT relation FROM dyntables.source)"
    return {oid for (oid,) in connection.execute(query, (oids,))}


def _warn_readers(connection: psycopg.Connection, oid: int) -> None:
    """Make those reinitialize who have read a table that was not captured then: it was made while they read it."""
    connection.execute(
        "INSERT INTO dyntables.source_event (relation, kind) SELECT %s::oid, 'CAPTURE_MISSING' WHERE EXISTS (SELECT 1 "
        "FROM dyntables.dependency d JOIN dyntables.dynamic_table t ON t.id = d.dynamic_table_id "
        "WHERE d.relation = %s AND t.effective_mode = 'INCREMENTAL' AND t.frontier IS NOT NULL)",
        (oid, oid),
    )


def create_triggers(connection: psycopg.Connection, oid: int) -> None:
    """Install the triggers on a source and on all its partitions; the caller holds the lock."""
    connection.execute(
        "SELECT dyntables.capture_member(%s::oid, m) FROM dyntables.capture_members(%s::oid) m", (oid, oid)
    )
    row = connection.execute(
        "SELECT generation, captured FROM dyntables.source WHERE relation = %s AND NOT dyntables.alterations_noted()",
        (oid,),
    ).fetchone()
    if row is not None:  # they look for partitions that have no triggers
        write_functions(connection, oid, row[0], list(row[1]))


def record_event(connection: psycopg.Connection, oid: int, kind: str) -> None:
    """Make every reader of a source that does not see the present transaction reinitialize."""
    connection.execute("INSERT INTO dyntables.source_event (relation, kind) VALUES (%s, %s)", (oid, kind))


def set_columns(connection: psycopg.Connection, oid: int, wanted: Mapping[str, str]) -> None:
    """Make the log have exactly the wanted columns, and the trigger function write them.

    What was captured of a column that gets another type is lost, so that readers reinitialize.
    """
    row = connection.execute(
        "SELECT captured, generation FROM dyntables.source WHERE relation = %s FOR UPDATE", (oid,)
    ).fetchone()
    assert row is not None
    log = log_table(oid)
    if any(wanted.get(name, type_) != type_ for name, type_ in row[0].items()):
        record_event(connection, oid, "ALTERED")
    for name, type_ in row[0].items():
        if wanted.get(name) != type_:
            connection.execute(f"ALTER TABLE {log} DROP COLUMN {quote_qualified(logged(name))}")
    for name, type_ in wanted.items():
        if row[0].get(name) != type_:
            connection.execute(f"ALTER TABLE {log} ADD COLUMN {quote_qualified(logged(name))} {type_}")
    leave_unanalysed(connection, log)
    connection.execute("UPDATE dyntables.source SET captured = %s WHERE relation = %s", (Jsonb(dict(wanted)), oid))
    write_functions(connection, oid, row[1], list(wanted))


def release(connection: psycopg.Connection, oid: int) -> None:
    """Stop capturing a table that nobody reads; its triggers go with their function."""
    connection.execute(f"DROP FUNCTION IF EXISTS {SCHEMA}.f{oid}(), {SCHEMA}.m{oid}() CASCADE")
    connection.execute(f"DROP TABLE IF EXISTS {log_table(oid)} CASCADE")
    connection.execute("DELETE FROM dyntables.source WHERE relation = %s", (oid,))
    connection.execute("DELETE FROM dyntables.source_event WHERE relation = %s", (oid,))


def release_if_free(connection: psycopg.Connection, oid: int) -> bool:
    """Stop capturing a table unless others use it for long; return whether it was done.

    Removing a trigger needs a table alone, and whoever waits for that stops everybody who comes after.
    """
    try:
        with connection.transaction():
            row = connection.execute(
                "SELECT current_setting('lock_timeout'), set_config('lock_timeout', '150ms', true)"
            ).fetchone()
            assert row is not None
            release(connection, oid)
            connection.execute("SELECT set_config('lock_timeout', %s, true)", (row[0],))
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def new_generation(connection: psycopg.Connection, oid: int, generation: int) -> None:
    """Add the table of a generation to a change log."""
    log = log_table(oid)
    connection.execute(f"CREATE TABLE {log}_{generation} () INHERITS ({log})")
    keep(connection, f"{log}_{generation}")
    leave_unanalysed(connection, f"{log}_{generation}")
    connection.execute("INSERT INTO dyntables.log_generation (relation, generation) VALUES (%s, %s)", (oid, generation))


def renew_functions(connection: psycopg.Connection) -> None:
    """Let sources be written by the functions of this version; a log that somebody works at waits for the next time."""
    for (oid,) in connection.execute(_FORMER).fetchall():
        with connection.transaction():
            row = connection.execute(
                "SELECT generation, captured FROM dyntables.source WHERE relation = %s FOR UPDATE SKIP LOCKED", (oid,)
            ).fetchone()
            if row is not None:
                write_functions(connection, oid, row[0], list(row[1]))


# The functions of earlier versions would cast what they log.
_FORMER = """
SELECT s.relation::bigint FROM dyntables.source s JOIN pg_proc p ON p.proname = 'f' || s.relation
WHERE p.pronamespace = 'dyntables_log'::regnamespace AND p.prosrc !~ '\\mFROM \\(SELECT'
"""


def keep_logs(connection: psycopg.Connection) -> None:
    """Give the logs that the service made while there was no role to keep them, or somebody wrote, to that role."""
    connection.execute("SELECT dyntables.keep_logs()")


def log_limit(connection: psycopg.Connection) -> int:
    """Return how many bytes a log may keep for readers that do not come for them."""
    row = connection.execute("SELECT dyntables.log_limit()").fetchone()
    assert row is not None
    return int(row[0])


def keep(connection: psycopg.Connection, log: str) -> None:
    """Give a log to the role that keeps them, if there is one: what runs as its owner has no rights then."""
    connection.execute("SELECT dyntables.keep_log(%s::regclass)", (log,))


def leave_unanalysed(connection: psycopg.Connection, log: str) -> None:
    """Let no ANALYZE run the code of other people's types over a log."""
    connection.execute("SELECT dyntables.leave_unanalysed(%s::regclass)", (log,))


def owed_condition(frontier: str = "%s") -> str:
    """Return the condition for log rows that a frontier has not seen; by default it is, twice, a parameter."""
    snapshot = f"{frontier}::pg_snapshot"
    return f"{XID} >= pg_snapshot_xmin({snapshot}) AND NOT pg_visible_in_snapshot({XID}, {snapshot})"


def owed_rows(log: str, columns: tuple[Column, ...], condition: str) -> str:
    """Return a FROM item of the changes in a log, of a source or of a dynamic table, that meet a condition."""
    items = ", ".join([*(quote_qualified(logged(c.id)) for c in columns), WEIGHT])
    return f"(SELECT {items} FROM {log} WHERE {condition})"


def typed(rows: str, columns: tuple[Column, ...]) -> str:
    """Return a FROM item of rows from a log with the types of the source: a log holds the base types of domains."""
    if not any("." in c.type.name for c in columns):  # under our search_path a type of somebody else's is qualified
        return rows
    items = ", ".join([*(_typed(quote_qualified(logged(c.id)), c.type) for c in columns), f"o.{WEIGHT}"])
    return f"(SELECT {items} FROM {rows} o)"


def _typed(name: str, type_: SqlType) -> str:
    # A column of a domain that takes no NULL may have one: the server does not check what a subquery gives.
    cast = f"o.{name}::{type_.name}"
    value = cast if type_.over is None else f"(SELECT {cast} WHERE o.{name} IS DISTINCT FROM NULL)"
    return f"{value} AS {name}"


def lock(connection: psycopg.Connection, schema: str, name: str, lock_timeout_ms: int = 3000) -> None:
    """Keep writers off a table until the transaction ends.

    Raises:
        EngineError: writers held it for too long.
    """
    connection.execute("SELECT set_config('lock_timeout', %s, true)", (f"{lock_timeout_ms}ms",))
    try:
        connection.execute(f"LOCK TABLE {quote_qualified(schema, name)} IN SHARE ROW EXCLUSIVE MODE")
    except psycopg.errors.LockNotAvailable as error:
        raise EngineError(
            f'could not lock table "{schema}.{name}" to install change capture',
            detail="A transaction that writes to it has been open for too long.",
            hint="Try again when that transaction has ended; pg_stat_activity shows it.",
            retryable=True,
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise EngineError(
            f'"{connection.info.user}" may not capture the changes of table "{schema}.{name}": it does not own it',
            hint="Let dyntables connect as the owner of the table, or as a superuser; or say REFRESH_MODE = FULL, for "
            "which SELECT is enough.",
            sqlstate=error.sqlstate,
        ) from error
    finally:
        if connection.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
            connection.execute("SELECT set_config('lock_timeout', '0', true)")
