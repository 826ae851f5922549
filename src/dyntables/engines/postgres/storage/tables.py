"""Storage tables of dynamic tables: how they are built, and what columns they have."""

from __future__ import annotations

import psycopg

from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.compiler.program import Build
from dyntables.engines.postgres.connection.session import set_local
from dyntables.engines.postgres.definition.types import FACT_COLUMNS, FACTS, sql_type
from dyntables.engines.postgres.rights.hands import Hands
from dyntables.engines.postgres.storage.views import protect


def build_statements(plan: Build) -> list[tuple[str, str]]:
    """Return (phase, SQL) of what creates, fills, indexes and analyses one storage table."""
    statements = [("build", f"CREATE TABLE {plan.storage} WITH (fillfactor = 70) AS {plan.select}")]
    for number, columns in enumerate(plan.indexes):
        unique = "UNIQUE " if plan.unique and number == 0 else ""
        statements.append(("index", f"CREATE {unique}INDEX ON {plan.storage} ({columns})"))
    statements += [("index", f"CREATE INDEX ON {plan.storage} USING hash ({column})") for column in plan.hashed]
    statements.append(("index", protect(plan.storage)))
    return [*statements, ("analyze", f"ANALYZE {plan.storage}")]


def columns_of(connection: psycopg.Connection, relation: str) -> tuple[Column, ...]:
    """Return the columns of a relation, named as it names them."""
    rows = connection.execute(
        f"SELECT a.attname, format_type(a.atttypid, a.atttypmod), {FACT_COLUMNS}, f.deterministic "
        f"FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid, {FACTS} WHERE a.attrelid = %s::regclass "
        "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        (relation,),
    ).fetchall()
    return tuple(Column(name, sql_type(*facts)) for name, *facts in rows)


def qualified_columns_of(connection: psycopg.Connection, relation: str) -> tuple[Column, ...]:
    """Return the columns of a relation, their types under the names that hold in any search path."""
    set_local(connection, {"search_path": "pg_catalog, pg_temp"})
    return columns_of(connection, relation)


def count_rows(hands: Hands, rows: str) -> int:
    """Return the number of rows of a FROM item."""
    return int(hands.row(f"SELECT count(*) FROM {rows} o")[0])


def drop_table(hands: Hands, storage: str) -> None:
    """Drop a storage table that nothing shows."""
    hands.run(f"DROP TABLE {storage}")
