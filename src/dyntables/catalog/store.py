"""Reads and writes of the catalog; the caller owns the transaction."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg.rows import dict_row

from dyntables.catalog.model import DynamicTable
from dyntables.catalog.parts.dependency import Dependency, DependencyKind
from dyntables.catalog.parts.rows import COLUMNS, table_of
from dyntables.compiler.lineage import Edge

# A definition, everything that it reads, and the direct readers of all these.
_PIPELINE = """
WITH RECURSIVE up AS (
    SELECT unnest(%s::bigint[]) AS id UNION SELECT d.upstream_id FROM up JOIN dyntables.dependency d
    ON d.dynamic_table_id = up.id WHERE d.upstream_id IS NOT NULL
) SELECT id FROM up UNION SELECT d.dynamic_table_id FROM up JOIN dyntables.dependency d ON d.upstream_id = up.id
"""


def load_all(connection: psycopg.Connection, ids: Iterable[int] | None = None) -> dict[int, DynamicTable]:
    """Return the dynamic tables (all, or those of the given ids) with their dependencies, by id."""
    wanted = None if ids is None else list(ids)
    condition = "" if wanted is None else " WHERE id = ANY(%s)"
    parameters = () if wanted is None else (wanted,)
    dependencies: dict[int, list[Dependency]] = {}
    condition_dependency = "" if wanted is None else " WHERE dynamic_table_id = ANY(%s)"
    for table_id, relation, kind, upstream, columns in connection.execute(
        "SELECT dynamic_table_id, relation, kind, upstream_id, columns FROM dyntables.dependency"
        + condition_dependency
        + " ORDER BY dynamic_table_id, relation",
        parameters,
    ):
        dependency = Dependency(relation, DependencyKind(kind), upstream, tuple(columns))
        dependencies.setdefault(table_id, []).append(dependency)
    found = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM dyntables.dynamic_table{condition} ORDER BY id", parameters)
        for row in cursor:
            found[row["id"]] = table_of(row, tuple(dependencies.get(row["id"], [])))
    return found


def load_pipeline(connection: psycopg.Connection, targets: Iterable[int]) -> dict[int, DynamicTable]:
    """Return the targets, everything that they read, and the direct readers of all these, by id."""
    return load_all(connection, [i for (i,) in connection.execute(_PIPELINE, (list(targets),), prepare=True)])


def find(connection: psycopg.Connection, schema: str, name: str) -> DynamicTable | None:
    """Return the dynamic table of that name."""
    row = connection.execute(
        "SELECT id FROM dyntables.dynamic_table WHERE schema_name = %s AND table_name = %s", (schema, name)
    ).fetchone()
    return load_all(connection, [row[0]])[row[0]] if row else None


def view_oids(connection: psycopg.Connection) -> dict[int, int]:
    """Return the OIDs of the users' views, with the ids of their dynamic tables."""
    return dict(
        connection.execute("SELECT view_oid, id FROM dyntables.dynamic_table WHERE view_oid IS NOT NULL").fetchall()
    )


def replace_dependencies(connection: psycopg.Connection, table_id: int, dependencies: Iterable[Dependency]) -> None:
    """Record what a dynamic table reads."""
    connection.execute("DELETE FROM dyntables.dependency WHERE dynamic_table_id = %s", (table_id,))
    for dependency in dependencies:
        connection.execute(
            "INSERT INTO dyntables.dependency (dynamic_table_id, relation, kind, upstream_id, columns) "
            "VALUES (%s, %s, %s, %s, %s)",
            (table_id, dependency.relation, dependency.kind, dependency.upstream, list(dependency.columns)),
        )


def replace_lineage(connection: psycopg.Connection, table_id: int, edges: Iterable[Edge]) -> None:
    """Record where the columns of a dynamic table come from; nothing is written where nothing changed."""
    wanted = [
        (number, e.output, e.source.oid if e.source else None, e.field, str(e.how), e.expression)
        for number, e in enumerate(edges, start=1)
    ]
    present = connection.execute(
        "SELECT position, column_name, relation::bigint, source_column, kind, expression FROM dyntables.column_source "
        "WHERE dynamic_table_id = %s ORDER BY position",
        (table_id,),
    ).fetchall()
    if present == wanted:
        return
    connection.execute("DELETE FROM dyntables.column_source WHERE dynamic_table_id = %s", (table_id,))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO dyntables.column_source VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [(table_id, *edge) for edge in wanted],
        )
