"""Mend the capture of sources that were altered behind our back, and say so to their readers."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from dyntables.engines.postgres.capture.captured import broken, create_triggers, lock, record_event, set_columns


@dataclass(frozen=True, slots=True)
class _Source:
    """A captured table as it is at present; ``gone`` are the partitions that it has lost."""

    oid: int
    schema: str
    name: str
    types: dict[str, str]
    retyped: bool
    gone: list[int]


def mend(connection: psycopg.Connection, oids: list[int]) -> list[int]:
    """Bring the capture of altered sources up to date, each in a transaction of its own; return which were.

    Readers reinitialize where changes may be missing in the log, or foreign ones may be in it.
    """
    wrong = set(broken(connection, oids))
    mended = []
    for source in _sources(connection, oids):
        if source.retyped or source.gone or source.oid in wrong:
            with connection.transaction():
                _mend(connection, source, missing=source.oid in wrong)
            mended.append(source.oid)
    return mended


def _sources(connection: psycopg.Connection, oids: list[int]) -> list[_Source]:
    with connection.transaction():
        # The catalog has the names of types as they are under an empty search_path.
        connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
        rows = connection.execute(
            "SELECT s.relation::bigint, n.nspname, c.relname, t.types, t.types <> s.captured, "
            "ARRAY(SELECT m.member::bigint FROM dyntables.source_member m WHERE m.relation = s.relation "
            "EXCEPT SELECT dyntables.capture_members(s.relation)::bigint) "
            "FROM dyntables.source s JOIN pg_class c ON c.oid = s.relation JOIN pg_namespace n ON n.oid = "
            "c.relnamespace "
            "CROSS JOIN LATERAL (SELECT coalesce(jsonb_object_agg(a.attname, "
            "dyntables.log_type(a.attrelid, a.attnum)), '{}') AS types FROM pg_attribute a "
            "WHERE a.attrelid = s.relation AND a.attnum > 0 AND NOT a.attisdropped "
            "AND s.captured ? a.attname::text) t WHERE s.relation = ANY(%s) AND c.relkind IN ('r', 'p')",
            (oids,),
        ).fetchall()
    return [_Source(*row) for row in rows]


def _mend(connection: psycopg.Connection, source: _Source, *, missing: bool) -> None:
    # First its row, then the table, as everybody does; it may not be captured any more.
    query = "SELECT FROM dyntables.source WHERE relation = %s FOR UPDATE"
    if connection.execute(query, (source.oid,)).fetchone() is None:
        return
    lock(connection, source.schema, source.name)
    if source.gone:
        _let_go(connection, source)
        record_event(connection, source.oid, "ALTERED")
    if missing:
        record_event(connection, source.oid, "CAPTURE_MISSING")
    set_columns(connection, source.oid, source.types)
    create_triggers(connection, source.oid)


def _let_go(connection: psycopg.Connection, source: _Source) -> None:
    """Remove the triggers from former partitions: what is written there is no change of the source any more."""
    rows = connection.execute(
        "SELECT format('DROP TRIGGER %%I ON %%s', g.tgname, g.tgrelid::regclass) FROM pg_trigger g "
        "WHERE g.tgrelid = ANY(%s::oid[]) AND g.tgfoid IN (to_regproc(%s), to_regproc(%s))",
        (source.gone, f"dyntables_log.f{source.oid}", f"dyntables_log.m{source.oid}"),
    ).fetchall()
    connection.execute("SELECT set_config('lock_timeout', '3s', true)")
    for (statement,) in rows:
        connection.execute(statement)
    connection.execute("SELECT set_config('lock_timeout', '0', true)")
    connection.execute(
        "DELETE FROM dyntables.source_member WHERE relation = %s AND member = ANY(%s)", (source.oid, source.gone)
    )
