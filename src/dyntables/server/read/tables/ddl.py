"""A dynamic table as the statement that makes it."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from dyntables.catalog.model import DynamicTable
from dyntables.commands.definition.written import render_lag, written
from dyntables.compiler.names import literal, quote_qualified
from dyntables.engines.postgres.connection.settings import settings_in_force
from dyntables.server.schemas.tables import CreateTable

# How the definition of a table with a column list is written down.
_RENAMED = "dt_columns"


def render_ddl(connection: psycopg.Connection, table: DynamicTable, columns: Sequence[str]) -> str:
    """Return CREATE OR REPLACE DYNAMIC TABLE of a stored table, with the query as it was written."""
    renamed = _RENAMED in table.definition.canonical and _RENAMED not in table.definition.query
    names = [quote_qualified(c) for c in columns] if renamed else []
    here = settings_in_force(connection, {})
    text = written(table, names, f"{table.definition.query};", dialect=table.definition.options.dialect, here=here)
    return text.replace("CREATE", "CREATE OR REPLACE", 1) + "\n"


def render_create(body: CreateTable) -> str:
    """Return the statement that a form describes; names are quoted, values are literals, the query comes last."""
    replace = "OR REPLACE " if body.or_replace else ""
    parts = [body.schema_name, body.name] if body.schema_name else [body.name]
    lines = [f"CREATE {replace}DYNAMIC TABLE {quote_qualified(*(p or '' for p in parts))}"]
    options = {
        "TARGET_LAG": render_lag(body.target_lag) if body.target_lag is not None else None,
        "REFRESH_MODE": body.refresh_mode,
        "INITIALIZE": body.initialize,
        "DIALECT": body.dialect,
        "COMMENT": literal(body.comment) if body.comment is not None else None,
    }
    lines += [f"    {option} = {value}" for option, value in options.items() if value is not None]
    return "\n".join([*lines, "AS", body.query or ""])
