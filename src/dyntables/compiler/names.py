"""Quoting of identifiers and literals, and the reserved names of generated SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence

WEIGHT = "__dt_weight"
COUNT = "__dt_count"
KEY = "__dt_key"
HASH = "__dt_hash"
VISIBLE = "__dt_visible"
ALL = "__dt_all"
ROW_ID = "__dt_ctid"
XID = "__dt_xid"
VERSION = "__dt_version"
FROZEN = "frozen_q"  # the FROM item whose columns the predicate of a frozen region reads
CLOCK = "dyntables.clock"

TEMPORARY = "pg_temp"  # the schema of the tables that a refresh makes for itself, where nobody else's code runs

KEPT = "dyntables_log"  # the schema of those that are kept for the next refresh

# The server and database at work, as SQL: transaction ids mean nothing in another.
SYSTEM = (
    "(SELECT system_identifier FROM pg_control_system()) || '/' || "
    "(SELECT oid FROM pg_database WHERE datname = current_database())"
)

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*_[0-9]+\Z|__dt_[a-z0-9_]+\Z")


def quote(name: str) -> str:
    """Return ``name`` as an SQL identifier; generated names need no quotes."""
    if _PLAIN.match(name):
        return name
    return quote_qualified(name)


def quote_qualified(*parts: str) -> str:
    """Return a dotted name with each part quoted; a single part is a user's own column."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def logged(name: str) -> str:
    """Return the column of a source's change log that holds a column of the source: ours may have the same name."""
    return f"{name}_" if name.rstrip("_") in (WEIGHT, XID) else name


def literal(text: str) -> str:
    """Return ``text`` as an SQL string literal, whatever standard_conforming_strings says."""
    if "\\" in text:
        return " E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + text.replace("'", "''") + "'"


def with_names(query: str, names: Sequence[str]) -> str:
    """Return a query with other names for all of its columns."""
    return f"SELECT * FROM ({query}) AS dt_columns ({', '.join(quote_qualified(name) for name in names)})"


def make_staging(schema: str, name: str, query: str, *, large: bool = False) -> str:
    """Return the statement that keeps a query's rows in a schema for the present transaction.

    ``large``: what is written of them to the server's log would matter. Making such a table takes longer.
    """
    if schema == TEMPORARY:
        return f"CREATE TEMP TABLE {quote(name)} ON COMMIT DROP AS {query}"
    return f"CREATE {'UNLOGGED ' if large else ''}TABLE {schema}.{quote(name)} AS {query}"


def all_of(rows: str) -> str:
    """Return the query of all columns of a FROM item."""
    return f"SELECT * FROM {rows}"
