"""What dynamic tables are made of, for those who follow data through several systems."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dyntables.catalog.connection import Connection


@dataclass(frozen=True, slots=True)
class ColumnEdge:
    """One way of a source column to an output; ``output`` None: it decides which rows there are."""

    output: str | None
    schema: str
    table: str
    column: str
    kind: str
    expression: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """A dynamic table: its definition, the relations that it reads by schema and name, and its columns' lineage."""

    query: str
    reads: tuple[tuple[str, str], ...]
    edges: tuple[ColumnEdge, ...]


def made_of(connection: Connection, ids: Collection[int]) -> dict[int, Made]:
    """Return what tables are made of, by id; of one that is gone there is nothing."""
    queries = dict(
        connection.execute("SELECT id, query FROM dyntables.dynamic_table WHERE id = ANY(%s)", (list(ids),)).fetchall()
    )
    reads: dict[int, list[tuple[str, str]]] = {}
    for table_id, schema, name in connection.execute(
        "SELECT d.dynamic_table_id, n.nspname, c.relname FROM dyntables.dependency d "
        "JOIN pg_class c ON c.oid = d.relation JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE d.dynamic_table_id = ANY(%s) ORDER BY 1, 2, 3",
        (list(queries),),
    ):
        reads.setdefault(table_id, []).append((schema, name))
    edges: dict[int, list[ColumnEdge]] = {}
    for table_id, *edge in connection.execute(
        "SELECT t.id, l.column_name, l.source_schema, l.source_table, l.source_column, l.kind, l.expression "
        "FROM dyntables.column_lineage l JOIN dyntables.dynamic_table t "
        "ON (t.schema_name, t.table_name) = (l.schema_name, l.table_name) "
        "WHERE t.id = ANY(%s) AND l.source_column IS NOT NULL ORDER BY t.id, l.position",
        (list(queries),),
    ):
        edges.setdefault(table_id, []).append(ColumnEdge(*edge))
    return {i: Made(query, tuple(reads.get(i, ())), tuple(edges.get(i, ()))) for i, query in queries.items()}
