"""Staging tables that outlive a refresh: making some, and dropping them, costs a small refresh more than all its work.

They belong to a table's program and are unlogged; one refresh of a table runs at a time, by the table's lock, which is
taken before the snapshot, so what an earlier one has left in them can be seen and deleted. They are never vacuumed or
analyzed: one that has grown is dropped and made anew, so the planner knows as little of it as of a new one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import psycopg

from dyntables.compiler.delta.context import Statement
from dyntables.compiler.names import KEPT, literal, quote
from dyntables.compiler.program import Program
from dyntables.engines.postgres.called.resolution import FIRST_OF_USERS

_LARGE = 128 * 1024


def ready_staging(connection: psycopg.Connection, program: Program) -> Program | None:
    """Empty the staging tables of a program; return it with statements that fill these, and make those that miss.

    None if one is to be dropped and somebody, perhaps a backup, holds it.
    """
    sizes: dict[str, int | None] = dict(
        connection.execute(
            "SELECT n, pg_table_size(to_regclass(%s || n)) FROM unnest(%s::text[]) n",
            (f"{KEPT}.", [s.temporary for s in program.statements if s.temporary]),
        ).fetchall()
    )
    large = [name for name, size in sizes.items() if size is not None and size > _LARGE]
    if large and not drop_staging(connection, large):
        return None
    present = {name for name, size in sizes.items() if size is not None} - set(large)
    if present:
        parts = ", ".join(f"d{n} AS (DELETE FROM {KEPT}.{quote(name)})" for n, name in enumerate(sorted(present)))
        connection.execute(f"WITH {parts} SELECT")
    return replace(program, statements=tuple(_filling(s, present) for s in program.statements))


def _filling(statement: Statement, present: Collection[str]) -> Statement:
    if statement.temporary is None:
        return statement
    name = f"{KEPT}.{quote(statement.temporary)}"
    query = statement.sql.removeprefix(f"CREATE TABLE {name} AS ")
    if statement.temporary in present:
        return replace(statement, sql=f"INSERT INTO {name} {query}")
    return replace(statement, sql=f"CREATE UNLOGGED TABLE {name} WITH (autovacuum_enabled = false) AS {query}")


def drop_staging(connection: psycopg.Connection, names: Collection[str]) -> bool:
    """Drop staging tables, unless somebody holds one; return whether it was done."""
    try:
        with connection.transaction():
            for name in names:
                connection.execute(f"LOCK TABLE {KEPT}.{quote(name)} IN ACCESS EXCLUSIVE MODE NOWAIT")
                connection.execute(f"DROP TABLE {KEPT}.{quote(name)}")
    except (psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable):
        return False
    return True


def all_staging(connection: psycopg.Connection) -> list[tuple[str, int]]:
    """Return all kept staging tables, each with the id of its dynamic table, which may be gone."""
    return connection.execute(
        "SELECT relname, substring(relname FROM '[0-9]+')::bigint FROM pg_class "
        "WHERE relnamespace = %s::regnamespace AND relkind = 'r' AND relname ~ '^w[0-9]+_'",
        (KEPT,),
    ).fetchall()


def staging_of(connection: psycopg.Connection, table_id: int) -> list[str]:
    """Return the staging tables of a dynamic table, whatever program made them."""
    return [name for name, owner in all_staging(connection) if owner == table_id]


def holds_types_of_users(connection: psycopg.Connection, program: Program) -> bool:
    """Tell whether a staging table has a column of a type or collation that somebody may want to drop or alter."""
    names = ", ".join(literal(f"{KEPT}.{s.temporary}") for s in program.statements if s.temporary)
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid IN (SELECT to_regclass(n) "
        f"FROM unnest(ARRAY[{names}]::text[]) n) AND greatest(atttypid, attcollation) >= {FIRST_OF_USERS})"
    ).fetchone()
    assert row is not None
    return bool(row[0])
