"""The visible columns of dynamic tables, as the catalog has them; the caller owns the transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dyntables.catalog.connection import Connection


@dataclass(frozen=True, slots=True)
class Column:
    """A visible column."""

    name: str
    type: str
    comment: str | None


def load(connection: Connection, table_id: int) -> list[Column]:
    """Return the columns of a dynamic table, in order."""
    rows = connection.execute(
        "SELECT column_name, data_type, comment FROM dyntables.dynamic_table_column WHERE dynamic_table_id = %s "
        "ORDER BY position",
        (table_id,),
    )
    return [Column(*row) for row in rows]


def types(connection: Connection, table_id: int) -> tuple[tuple[str, str], ...]:
    """Return (name, type) of the columns of a dynamic table, in order."""
    return tuple((column.name, column.type) for column in load(connection, table_id))


def replace(connection: Connection, table_id: int, columns: Iterable[tuple[str, str]]) -> None:
    """Record the columns of a dynamic table as (name, type); comments are gone."""
    connection.execute("DELETE FROM dyntables.dynamic_table_column WHERE dynamic_table_id = %s", (table_id,))
    for position, (name, type_) in enumerate(columns, start=1):
        connection.execute(
            "INSERT INTO dyntables.dynamic_table_column VALUES (%s, %s, %s, %s)", (table_id, position, name, type_)
        )


def comment(connection: Connection, table_id: int, name: str, text: str | None) -> bool:
    """Set the comment of a column; tell whether there is such a column."""
    done = connection.execute(
        "UPDATE dyntables.dynamic_table_column SET comment = %s WHERE dynamic_table_id = %s AND column_name = %s",
        (text, table_id, name),
    )
    return bool(done.rowcount)


def copy_comments(connection: Connection, source_id: int, table_id: int) -> None:
    """Give the columns of a table the comments of those of another with their names."""
    connection.execute(
        "UPDATE dyntables.dynamic_table_column c SET comment = o.comment FROM dyntables.dynamic_table_column o "
        "WHERE c.dynamic_table_id = %s AND o.dynamic_table_id = %s AND o.column_name = c.column_name",
        (table_id, source_id),
    )
