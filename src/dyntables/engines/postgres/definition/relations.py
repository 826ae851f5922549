"""What the server says of relations, columns, types and functions by their OIDs; nothing here locks any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import psycopg

from dyntables.compiler.names import quote_qualified

# The array in a subquery: a prepared statement is planned once, whatever its length.
_COLUMNS = """
SELECT a.attrelid::bigint, a.attname, a.xmin::text, concat_ws(':', a.attnum, a.atttypid, a.atttypmod, a.attcollation,
    CASE WHEN a.attgenerated <> '' THEN (SELECT md5(d.adbin::text) FROM pg_attrdef d
        WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END)
FROM pg_attribute a WHERE a.attrelid = ANY((SELECT %s::oid[])::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
"""
_FACTS = """
SELECT o::bigint, concat((SELECT string_agg(concat(a.attnum, a.attnotnull), ' ' ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = o AND a.attnum > 0 AND NOT a.attisdropped), ' / ',
    (SELECT string_agg(i.indkey::text, ' ' ORDER BY i.indexrelid) FROM pg_index i
    WHERE i.indrelid = o AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL))
FROM unnest(%s::oid[]) o
"""
_COLUMN = """
SELECT CASE WHEN a.attisdropped THEN NULL ELSE a.attname END, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a WHERE a.attrelid = %s AND a.attnum = %s
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a relation: ``mark`` is what readers rely on, ``version`` that of its row in the server's catalog."""

    relation: int
    name: str
    version: str
    mark: str


def columns(connection: psycopg.Connection, oids: Sequence[int], *, prepare: bool | None = None) -> list[Column]:
    """Return the columns of relations."""
    return [Column(*row) for row in connection.execute(_COLUMNS, (list(oids),), prepare=prepare)]


def facts(connection: psycopg.Connection, tables: Iterable[int]) -> dict[int, str]:
    """Return what a plan takes from tables beside types: which columns are never NULL, and which are keys."""
    return dict(connection.execute(_FACTS, (sorted(tables),)).fetchall())


def column_now(connection: psycopg.Connection, relation: int, number: int) -> tuple[str, str] | None:
    """Return the present name and type of a column, None if it was dropped."""
    row = connection.execute(_COLUMN, (relation, number)).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])


def type_name(connection: psycopg.Connection, oid: int, modifier: int) -> str | None:
    """Return how a type is written."""
    row = connection.execute("SELECT format_type(%s, %s)", (oid, modifier)).fetchone()
    return None if row is None else row[0]


def function_name(connection: psycopg.Connection, oid: int) -> str | None:
    """Return how a function is written, None if it was dropped."""
    row = connection.execute("SELECT oid::regprocedure::text FROM pg_proc WHERE oid = %s", (oid,)).fetchone()
    return None if row is None else row[0]


def exists(connection: psycopg.Connection, *name: str) -> bool:
    """Tell whether there is a relation of that name."""
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (quote_qualified(*name),)).fetchone()
    return bool(row and row[0])
