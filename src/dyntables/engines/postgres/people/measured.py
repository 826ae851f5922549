"""A statement of a person's as one whose rows the server measures before it sends them.

A client library receives a value, and a bundle of rows, as a whole: a text of a gigabyte in each of fifty rows would be
in the memory of this process before anything could refuse it.
"""

from __future__ import annotations

import itertools

import psycopg

from dyntables.compiler.statements.lexer import Kind, tokenize
from dyntables.engines.postgres.connection.errors import translate
from dyntables.errors import RequestError

LONGEST_ROW = 4_000_000
_MARK = "dyntables: too long: "
_NO_QUERIES = {"EXPLAIN", "SHOW"}
# None of their values is long.
_SHORT = {
    "bool", "int2", "int4", "int8", "float4", "float8", "money", "oid", "name", "char", "date", "time", "timetz",
    "timestamp", "timestamptz", "interval", "uuid", "xid", "xid8", "cid", "tid", "inet", "cidr", "macaddr", "macaddr8",
    "pg_lsn",
}  # fmt: skip
_HEAD = "SELECT * FROM (\n"


def measured(connection: psycopg.Connection, sql: str) -> tuple[str, list[psycopg.Column] | None]:
    """Return the text to send, and the columns of the query; they are followed by one to leave out.

    What is no query is returned as it is, with None.

    Raises:
        EngineError: the server does not understand it.
    """
    tokens = tokenize(sql)
    first = next((t.value.upper() for t in tokens if t.kind is Kind.WORD), "")
    depths = itertools.accumulate({"(": 1, ")": -1}.get(t.value, 0) for t in tokens)
    # What closes more than it opens would end our parenthesis; alone, the server refuses it.
    if first in _NO_QUERIES or min(depths, default=0) < 0:
        return sql, None
    cursor = connection.cursor()
    try:
        # With a parameter, so that the extended protocol is used: it takes one statement and no second one after it.
        text = sql.replace("%", "%%")
        cursor.execute(f"{_HEAD}{text}\n) dt_rows LIMIT %s::pg_catalog.int8".encode(), ("0",))
    except psycopg.Error as error:
        raise translate(error, sql, len(_HEAD)) from error
    described = cursor.description or []
    names = [f"dt_{number}" for number in range(len(described))]
    sizes = [_size(name, column) for name, column in zip(names, described, strict=True)]
    total = " + ".join(size for size in sizes if size is not None)
    if not total:
        return sql, None
    # Only a cast that fails ends a statement with a text of ours. Nothing of this is known when it is planned.
    refusal = f"CASE WHEN {total} > {LONGEST_ROW} THEN pg_catalog.concat('{_MARK}', {total})::pg_catalog.int4 END"
    return f"SELECT dt_rows.*, {refusal} FROM (\n{sql}\n) dt_rows({', '.join(names)})", described


def too_long(error: psycopg.Error) -> RequestError | None:
    """Return what the server's refusal of a long row means, if it is one."""
    text = error.diag.message_primary or ""
    if not isinstance(error, psycopg.errors.InvalidTextRepresentation) or _MARK not in text:
        return None
    size = int(text.partition(_MARK)[2].rstrip('"'))
    return RequestError(
        f"a row has {size:,} bytes, and the longest that is shown has {LONGEST_ROW:,}",
        hint="Show a part of its values, by left() or substring().",
    )


def _size(name: str, column: psycopg.Column) -> str | None:
    """Return how many bytes a value has when it is printed, by its output function, as no cast of a person's says."""
    info = psycopg.adapters.types.get(column.type_code)
    type_ = info.name if info is not None and info.oid == column.type_code else ""  # it knows an array as its elements
    value = f"dt_rows.{name}"
    if type_ in _SHORT:
        return None
    if type_ in ("text", "varchar"):
        return f"coalesce(pg_catalog.octet_length({value}), 0)::pg_catalog.int8"
    if type_ == "bytea":
        return f"2 * coalesce(pg_catalog.octet_length({value}), 0)::pg_catalog.int8"
    return f"pg_catalog.octet_length(pg_catalog.concat({value}))::pg_catalog.int8"
