"""Rotation of change logs: new rows go to a fresh table, and consumed tables are dropped whole.

A generation is closed by redefining the trigger function. A transaction that began before may still write to it, so it
is sealed, with a constraint, when every transaction older than the one that closed it has ended. A statement that began
before and found its first row after may still have the old function, and a younger transaction: a generation that such
a one has written is closed again, and where the seal is there first, the function says ALTERED to the readers.

What is sealed is dropped when no reader can owe itself anything of it: every frontier is past, and so is the snapshot
of every rebuild at work, which will be a frontier when it commits.
"""

from __future__ import annotations

import psycopg

from dyntables import locks
from dyntables.compiler.names import XID
from dyntables.engines.postgres.capture.captured import new_generation
from dyntables.engines.postgres.capture.trigger_functions import log_table, write_functions

_ROTATE_BYTES = 256 * 1024
# A log that a reader holds up has ever larger generations, and so few of them.
_SHARE = 16


def rotate(connection: psycopg.Connection, oid: int) -> bool:
    """Open a new generation if the present one has grown; return whether it was done."""
    row = connection.execute(
        "SELECT s.generation, pg_relation_size(to_regclass(%(log)s || s.generation)), (SELECT "
        "sum(pg_relation_size(to_regclass(%(log)s || g.generation))) FROM dyntables.log_generation g "
        "WHERE g.relation = s.relation) FROM dyntables.source s WHERE s.relation = %(oid)s",
        {"log": f"{log_table(oid)}_", "oid": oid},
    ).fetchone()
    if row is None or row[1] is None or row[1] < max(_ROTATE_BYTES, row[2] / _SHARE):
        return False
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', '50ms', true)")
            locked = connection.execute(
                "SELECT generation, captured FROM dyntables.source WHERE relation = %s FOR UPDATE SKIP LOCKED", (oid,)
            ).fetchone()
            if locked is None or locked[0] != row[0]:
                return False
            generation, captured = locked
            new_generation(connection, oid, generation + 1)
            write_functions(connection, oid, generation + 1, list(captured))
            connection.execute("UPDATE dyntables.source SET generation = %s WHERE relation = %s", (generation + 1, oid))
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def drop_consumed(connection: psycopg.Connection, oid: int) -> int:
    """Drop the sealed generations that every reader has consumed."""
    # In a later transaction than the rotation: whoever gets an id from here on sees the new function.
    connection.execute(
        "UPDATE dyntables.log_generation g SET closed_xid = pg_snapshot_xmax(pg_current_snapshot()) "
        "FROM dyntables.source s WHERE s.relation = g.relation AND g.relation = %s AND g.closed_xid IS NULL "
        "AND g.generation < s.generation",
        (oid,),
    )
    _seal(connection, oid)
    sealed = connection.execute(
        f"SELECT g.generation FROM dyntables.log_generation g WHERE g.relation = %s AND {_SEALED}",
        (oid, f"{log_table(oid)}_"),
    ).fetchall()
    if not sealed:
        return 0
    horizon = _horizon(connection)
    rows = connection.execute(
        "SELECT g.generation FROM dyntables.log_generation g WHERE g.relation = %s AND g.generation = ANY(%s) "
        f"AND g.closed_xid <= %s::text::xid8 AND NOT EXISTS (SELECT FROM ({_READERS.format('g.relation')}) r "
        "WHERE pg_snapshot_xmin(r.frontier) < g.closed_xid)",
        (oid, [generation for (generation,) in sealed], horizon),
    ).fetchall()
    dropped = 0
    for (generation,) in rows:
        try:
            with connection.transaction():
                connection.execute("SELECT set_config('lock_timeout', '20ms', true)")
                connection.execute(f"DROP TABLE {log_table(oid)}_{generation}")
                connection.execute(
                    "DELETE FROM dyntables.log_generation WHERE relation = %s AND generation = %s", (oid, generation)
                )
            dropped += 1
        except (psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable):
            continue
    return dropped


# The frontiers that a log waits for. Who is computed anew anyway needs none; one that is being replaced, and knows its
# old sources by its fingerprint, may get its old definition back.
_READERS = """
SELECT t.frontier FROM dyntables.dependency d JOIN dyntables.dynamic_table t ON t.id = d.dynamic_table_id
WHERE d.relation = {0} AND t.effective_mode = 'INCREMENTAL' AND t.frontier IS NOT NULL AND t.reinitialize_reason IS NULL
UNION ALL SELECT t.frontier FROM dyntables.dynamic_table t WHERE t.reinitialize_reason = 'DEFINITION_CHANGED'
AND t.frontier IS NOT NULL AND t.fingerprint ? {0}::text
"""
_SEALED = "EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = to_regclass(%s || g.generation) AND conname = 'sealed')"


def _horizon(connection: psycopg.Connection) -> int:
    """Return the transaction id below which everything is visible to the refreshes at work, and to all later ones.

    One that has ended meanwhile has committed its frontier: look at frontiers in a later statement.
    """
    row = connection.execute(
        "SELECT least(pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint - (SELECT "
        "coalesce(max(age(a.backend_xmin)), 0) FROM pg_stat_activity a WHERE a.backend_xmin IS NOT NULL AND a.pid IN "
        "(SELECT l.pid FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = %s AND l.objsubid = 2 "
        "AND l.granted))) FROM pg_current_snapshot() s",
        (locks.REFRESH,),
    ).fetchone()
    assert row is not None
    return int(row[0])


def enforce_limit(connection: psycopg.Connection, oid: int) -> list[int]:
    """Give up the readers for which a log keeps more than it may; return their ids.

    They reinitialize at their next refresh, and the log does not wait for them any more.
    """
    rows = connection.execute(
        "UPDATE dyntables.dynamic_table t SET reinitialize_reason = 'LOG_LIMIT' FROM dyntables.dependency d "
        "WHERE d.dynamic_table_id = t.id AND d.relation = %s AND t.effective_mode = 'INCREMENTAL' "
        "AND t.frontier IS NOT NULL AND t.reinitialize_reason IS NULL "
        "AND dyntables.bytes_owed(d.relation, t.frontier) > dyntables.log_limit() RETURNING t.id",
        (oid,),
    ).fetchall()
    return [row[0] for row in rows]


def drop_events(connection: psycopg.Connection, oid: int) -> None:
    """Forget the events that every reader has seen."""
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM dyntables.source_event WHERE relation = %s)", (oid,)
    ).fetchone()
    if row is None or not row[0]:
        return
    horizon = _horizon(connection)
    connection.execute(
        "DELETE FROM dyntables.source_event e WHERE e.relation = %s AND e.xid < %s::text::xid8 AND NOT EXISTS "
        f"(SELECT FROM ({_READERS.format('e.relation')}) r WHERE NOT pg_visible_in_snapshot(e.xid, r.frontier))",
        (oid, horizon),
    )


def log_limit(connection: psycopg.Connection) -> str:
    """Return how much a log may keep for one reader, for people."""
    row = connection.execute("SELECT pg_size_pretty(dyntables.log_limit())").fetchone()
    return str(row[0]) if row else "?"


def _seal(connection: psycopg.Connection, oid: int) -> None:
    """Constrain the generations that nobody may write to any more, so that readers who are past skip them.

    Source: https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-CONSTRAINT-EXCLUSION
    """
    rows = connection.execute(
        "SELECT g.generation, g.closed_xid::text FROM dyntables.log_generation g WHERE g.relation = %s "
        f"AND g.closed_xid <= pg_snapshot_xmin(pg_current_snapshot()) AND NOT {_SEALED}",
        (oid, f"{log_table(oid)}_"),
    ).fetchall()
    for generation, closed in rows:
        try:
            with connection.transaction():
                connection.execute("SELECT set_config('lock_timeout', '20ms', true)")
                connection.execute(
                    f"ALTER TABLE {log_table(oid)}_{generation} "
                    f"ADD CONSTRAINT sealed CHECK ({XID} < '{int(closed)}'::xid8)"
                )
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DuplicateObject, psycopg.errors.UndefinedTable):
            continue  # somebody holds it, or has done this or dropped it meanwhile
        except psycopg.errors.CheckViolation:
            # A younger transaction wrote it with the old function.
            connection.execute(
                "UPDATE dyntables.log_generation SET closed_xid = NULL WHERE relation = %s AND generation = %s",
                (oid, generation),
            )
