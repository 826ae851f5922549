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

from dyntables.compiler.names import WEIGHT, XID, quote_qualified
from dyntables.compiler.plan.nodes import Column
from dyntables.errors import EngineError

SCHEMA = "dyntables_log"
_EVENTS = {
    "ins": ("INSERT", "REFERENCING NEW TABLE AS dt_new"),
    "upd": ("UPDATE", "REFERENCING OLD TABLE AS dt_old NEW TABLE AS dt_new"),
    "del": ("DELETE", "REFERENCING OLD TABLE AS dt_old"),
    "trunc": ("TRUNCATE", ""),
}


@dataclass(frozen=True, slots=True)
class CapturedTable:
    """A source to capture: its present name, and the columns that readers need with their types."""

    oid: int
    schema: str
    name: str
    columns: Mapping[str, str]


def log_table(oid: int) -> str:
    """Return the qualified name of a source's change log."""
    return f"{SCHEMA}.c{oid}"


def ensure(connection: psycopg.Connection, table: CapturedTable, *, lock_timeout_ms: int = 3000) -> None:
    """Capture at least the given columns of a table; call inside a transaction that is committed before reading.

    Takes SHARE ROW EXCLUSIVE on the table for an instant: every writer has either finished before or writes the log.
    """
    row = connection.execute(
        "SELECT captured, generation FROM dyntables.source WHERE relation = %s FOR UPDATE", (table.oid,)
    ).fetchone()
    captured: dict[str, str] = dict(row[0]) if row else {}
    wanted = {**captured, **table.columns}
    if row is not None and wanted == captured and _triggers_complete(connection, table.oid):
        return
    _lock(connection, table, lock_timeout_ms)
    log = log_table(table.oid)
    if row is None:
        connection.execute(f"CREATE TABLE {log} ({XID} xid8 NOT NULL, {WEIGHT} smallint NOT NULL)")
        connection.execute(
            "INSERT INTO dyntables.source (relation, schema_name, relation_name) VALUES (%s, %s, %s)",
            (table.oid, table.schema, table.name),
        )
        new_generation(connection, table.oid, 0)
    _set_columns(connection, table.oid, wanted)
    _create_triggers(connection, table.oid)


def repair(connection: psycopg.Connection, oids: list[int]) -> list[int]:
    """Bring the capture of altered tables up to date, each in a transaction of its own; return which were."""
    rows = connection.execute(
        "SELECT s.relation, n.nspname, c.relname, coalesce(t.types, '{}'), coalesce(t.types, '{}') = s.captured "
        "FROM dyntables.source s JOIN pg_class c ON c.oid = s.relation JOIN pg_namespace n ON n.oid = c.relnamespace "
        "CROSS JOIN LATERAL (SELECT jsonb_object_agg(a.attname, format_type(a.atttypid, a.atttypmod)) AS types "
        "FROM pg_attribute a WHERE a.attrelid = s.relation AND a.attnum > 0 AND NOT a.attisdropped "
        "AND s.captured ? a.attname::text) t WHERE s.relation = ANY(%s)",
        (oids,),
    ).fetchall()
    repaired = []
    for oid, schema, name, types, same in rows:
        if same and _triggers_complete(connection, oid):
            continue
        with connection.transaction():
            _lock(connection, CapturedTable(oid, schema, name, types), 3000)
            _set_columns(connection, oid, types)
            _create_triggers(connection, oid)
        repaired.append(oid)
    return repaired


def _set_columns(connection: psycopg.Connection, oid: int, wanted: Mapping[str, str]) -> None:
    """Make the log have exactly the wanted columns, and the trigger function write them."""
    row = connection.execute(
        "SELECT captured, generation FROM dyntables.source WHERE relation = %s FOR UPDATE", (oid,)
    ).fetchone()
    assert row is not None
    log = log_table(oid)
    for name, type_ in row[0].items():
        if wanted.get(name) != type_:
            connection.execute(f"ALTER TABLE {log} DROP COLUMN {quote_qualified(name)}")
    for name, type_ in wanted.items():
        if row[0].get(name) != type_:
            connection.execute(f"ALTER TABLE {log} ADD COLUMN {quote_qualified(name)} {type_}")
    connection.execute("UPDATE dyntables.source SET captured = %s WHERE relation = %s", (Jsonb(dict(wanted)), oid))
    write_function(connection, oid, row[1], list(wanted))


def release(connection: psycopg.Connection, oid: int) -> None:
    """Stop capturing a table that nobody reads; its triggers go with their function."""
    connection.execute(f"DROP FUNCTION IF EXISTS {SCHEMA}.f{oid}() CASCADE")
    connection.execute(f"DROP TABLE IF EXISTS {log_table(oid)} CASCADE")
    connection.execute("DELETE FROM dyntables.source WHERE relation = %s", (oid,))
    connection.execute("DELETE FROM dyntables.source_event WHERE relation = %s", (oid,))


def new_generation(connection: psycopg.Connection, oid: int, generation: int) -> None:
    """Add the table of a generation to a change log."""
    log = log_table(oid)
    connection.execute(f"CREATE TABLE {log}_{generation} () INHERITS ({log})")
    connection.execute("INSERT INTO dyntables.log_generation (relation, generation) VALUES (%s, %s)", (oid, generation))


def write_function(connection: psycopg.Connection, oid: int, generation: int, columns: list[str]) -> None:
    """(Re)define the trigger function so that it writes the given generation of the log."""
    target = f"{log_table(oid)}_{generation}"
    names = ", ".join(quote_qualified(c) for c in columns)
    into = f"INSERT INTO {target} ({XID}, {WEIGHT}{', ' + names if names else ''})"
    items = f"{', ' + names if names else ''}"
    new = f"SELECT pg_current_xact_id(), 1{items} FROM dt_new"
    old = f"SELECT pg_current_xact_id(), -1{items} FROM dt_old"
    body = f"""
BEGIN
    IF TG_OP = 'INSERT' THEN
        {into} {new};
    ELSIF TG_OP = 'UPDATE' THEN
        {into} {old} UNION ALL {new};
    ELSIF TG_OP = 'DELETE' THEN
        {into} {old};
    ELSE
        INSERT INTO dyntables.source_event (relation, kind) VALUES ({int(oid)}, TG_OP);
    END IF;
    RETURN NULL;
EXCEPTION
    -- The table was altered: its columns do not fit the log any more. Writers must not suffer; readers reinitialize.
    WHEN syntax_error_or_access_rule_violation OR data_exception THEN
        INSERT INTO dyntables.source_event (relation, kind) VALUES ({int(oid)}, 'ALTERED');
        RETURN NULL;
END
"""
    connection.execute(
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.f{oid}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        f"SET search_path = pg_catalog, pg_temp AS $dyntables${body}$dyntables$"
    )
    connection.execute(f"REVOKE ALL ON FUNCTION {SCHEMA}.f{oid}() FROM PUBLIC")


def owed_condition(frontier: str = "%s") -> str:
    """Return the condition for log rows that a frontier has not seen; by default it is, twice, a parameter."""
    snapshot = f"{frontier}::pg_snapshot"
    return f"{XID} >= pg_snapshot_xmin({snapshot}) AND NOT pg_visible_in_snapshot({XID}, {snapshot})"


def owed_rows(log: str, columns: tuple[Column, ...], condition: str) -> str:
    """Return a FROM item of the changes in a log, of a source or of a dynamic table, that meet a condition."""
    items = ", ".join([*(quote_qualified(c.id) for c in columns), WEIGHT])
    return f"(SELECT {items} FROM {log} WHERE {condition})"


def _lock(connection: psycopg.Connection, table: CapturedTable, lock_timeout_ms: int) -> None:
    connection.execute("SELECT set_config('lock_timeout', %s, true)", (f"{lock_timeout_ms}ms",))
    try:
        connection.execute(f"LOCK TABLE {quote_qualified(table.schema, table.name)} IN SHARE ROW EXCLUSIVE MODE")
    except psycopg.errors.LockNotAvailable as error:
        raise EngineError(
            f'could not lock table "{table.schema}.{table.name}" to install change capture',
            detail="A transaction that writes to it has been open for too long.",
            hint="Try again when that transaction has ended; pg_stat_activity shows it.",
            retryable=True,
        ) from error
    finally:
        if connection.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
            connection.execute("SELECT set_config('lock_timeout', '0', true)")


def _partitions(connection: psycopg.Connection, oid: int) -> list[str]:
    """Return the table itself and its partitions, as quoted names."""
    rows = connection.execute(
        "SELECT format('%%I.%%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.oid = %s OR c.oid IN (SELECT relid FROM pg_partition_tree(%s::oid::regclass))",
        (oid, oid),
    ).fetchall()
    return [row[0] for row in rows]


def _create_triggers(connection: psycopg.Connection, oid: int) -> None:
    for relation in _partitions(connection, oid):
        for short, (event, referencing) in _EVENTS.items():
            name = f"dyntables_capture_{short}"
            connection.execute(
                f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {relation} {referencing} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.f{oid}()"
            )
            connection.execute(f"ALTER TABLE {relation} ENABLE ALWAYS TRIGGER {name}")


def _triggers_complete(connection: psycopg.Connection, oid: int) -> bool:
    row = connection.execute(
        "SELECT bool_and((SELECT count(*) FROM pg_trigger g WHERE g.tgrelid = r.oid AND g.tgname LIKE "
        "'dyntables_capture_%%' AND g.tgenabled = 'A') = %s) FROM (SELECT %s::oid AS oid UNION "
        "SELECT relid FROM pg_partition_tree(%s::oid::regclass)) r",
        (len(_EVENTS), oid, oid),
    ).fetchone()
    return bool(row and row[0])
