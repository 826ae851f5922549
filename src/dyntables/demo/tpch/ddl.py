"""Statements that make the TPC-H tables; names are composed as identifiers, never as text."""

from __future__ import annotations

from psycopg import sql

from dyntables.demo.tpch.partitions import Partition
from dyntables.demo.tpch.schema import ForeignKey, Table

_Columns = tuple[str, ...]


def _list(columns: _Columns) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def create_table(schema: str, table: Table, *, name: str | None = None, partitioned: bool = False) -> sql.Composed:
    """Build CREATE TABLE without keys; with ``partitioned`` the parent of range partitions."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} {} NOT NULL").format(sql.Identifier(column), sql.SQL(type_)) for column, type_ in table.columns
    )
    statement = sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(schema, name or table.name), columns)
    if partitioned and table.partition_key is not None:
        statement += sql.SQL(" PARTITION BY RANGE ({})").format(sql.Identifier(table.partition_key))
    return statement


def copy_csv(schema: str, name: str) -> sql.Composed:
    """Build the COPY of generated text; FREEZE needs the table to be made in the same transaction."""
    return sql.SQL("COPY {} FROM STDIN (FORMAT csv, HEADER, DELIMITER '|', FREEZE)").format(
        sql.Identifier(schema, name)
    )


def add_primary_key(schema: str, table: Table, *, name: str | None = None) -> sql.Composed:
    """Build the primary key of a table or of one of its partitions."""
    return sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} PRIMARY KEY ({})").format(
        sql.Identifier(schema, name or table.name),
        sql.Identifier(f"{name or table.name}_pkey"),
        _list(table.primary_key),
    )


def create_index(schema: str, table: Table, columns: _Columns, *, name: str | None = None) -> sql.Composed:
    """Build one index of a table or of one of its partitions."""
    return sql.SQL("CREATE INDEX {} ON {} ({})").format(
        sql.Identifier(f"{name or table.name}_{'_'.join(columns)}_idx"),
        sql.Identifier(schema, name or table.name),
        _list(columns),
    )


def add_foreign_key(schema: str, table: Table, key: ForeignKey) -> sql.Composed:
    """Build one foreign key; adding it checks every row, so that success means there are no orphans."""
    return sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})").format(
        sql.Identifier(schema, table.name),
        sql.Identifier(f"{table.name}_{key.references}_fkey"),
        _list(key.columns),
        sql.Identifier(schema, key.references),
        _list(key.target),
    )


def add_range_check(schema: str, table: Table, part: Partition) -> sql.Composed:
    """Build the check that lets ATTACH PARTITION trust the rows instead of reading them all."""
    column = sql.Identifier(table.partition_key or "")
    bounds: list[sql.Composable] = [
        sql.SQL("{} {} {}").format(column, sql.SQL(operator), sql.Literal(bound))
        for operator, bound in ((">=", part.lower), ("<", part.upper))
        if bound is not None
    ]
    if not bounds:
        bounds.append(sql.SQL("true"))
    return sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({})").format(
        sql.Identifier(schema, part.table_name(table)),
        sql.Identifier("key_range"),
        sql.SQL(" AND ").join(bounds),
    )


def drop_range_check(schema: str, table: Table, part: Partition) -> sql.Composed:
    """Build the removal of the check, which the partition bound has made redundant."""
    return sql.SQL("ALTER TABLE {} DROP CONSTRAINT key_range").format(sql.Identifier(schema, part.table_name(table)))


def attach_partition(schema: str, table: Table, part: Partition) -> sql.Composed:
    """Build ATTACH PARTITION; the last one is open, so that new orders always have a place."""
    return sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
        sql.Identifier(schema, table.name),
        sql.Identifier(schema, part.table_name(table)),
        sql.SQL("MINVALUE") if part.lower is None else sql.Literal(part.lower),
        sql.SQL("MAXVALUE") if part.upper is None else sql.Literal(part.upper),
    )


def vacuum_analyze(schema: str, name: str) -> sql.Composed:
    """Build the statement that gives the planner its statistics and the pages their visibility bits."""
    return sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(schema, name))
