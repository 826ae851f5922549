"""Tables that rules watch, as the server has them."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from dyntables.compiler.names import quote_qualified
from dyntables.compiler.plan.algebra.nodes import SqlType
from dyntables.engines.postgres.definition.types import FACT_COLUMNS, FACTS, sql_type


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its number, name and type."""

    number: int
    name: str
    type: SqlType


def relation_of(connection: psycopg.Connection, schema: str, name: str) -> int | None:
    """Return the OID of a table or view that can be watched, None if there is none of that name."""
    row = connection.execute(
        "SELECT oid::bigint FROM pg_class WHERE oid = to_regclass(%s) AND relkind IN ('r', 'p', 'v', 'm', 'f') "
        "AND relpersistence <> 't'",
        (quote_qualified(schema, name),),
    ).fetchone()
    return int(row[0]) if row is not None else None


def columns_of(connection: psycopg.Connection, relation: int) -> tuple[Column, ...]:
    """Return the columns of a table in order, their types under names that hold in any search path."""
    with connection.transaction(force_rollback=True):
        connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
        rows = connection.execute(
            f"SELECT a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), {FACT_COLUMNS}, f.deterministic "
            f"FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid, {FACTS} WHERE a.attrelid = %s "
            "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            (relation,),
        ).fetchall()
    return tuple(Column(number, name, sql_type(*facts)) for number, name, *facts in rows)


def may_read(connection: psycopg.Connection, role: str, relation: int) -> bool:
    """Tell whether a role may read a table or some columns of it."""
    row = connection.execute(
        "SELECT has_schema_privilege(%(role)s, relnamespace, 'USAGE') AND has_any_column_privilege(%(role)s, oid, "
        "'SELECT') FROM pg_class WHERE oid = %(relation)s",
        {"role": role, "relation": relation},
    ).fetchone()
    return bool(row and row[0])
