"""SHOW DYNAMIC TABLES [HISTORY] and DESCRIBE DYNAMIC TABLE."""

from __future__ import annotations

from typing import Any

import psycopg

from dyntables.commands.alter import find
from dyntables.commands.session import Result, Session
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements import DescribeDynamicTable, ShowDynamicTables

_SHOWN = (
    "created_on, name, database_name, schema_name, owner, target_lag, refresh_mode, refresh_mode_reason, "
    "scheduling_state, data_timestamp, lag_sec, last_completed_refresh_state, last_refresh_action, "
    "last_refresh_reason, last_refresh_duration_ms, comment, text"
)
_DROPPED = (
    "SELECT created_on, name, database_name, schema_name, owner, target_lag, refresh_mode, NULL, 'DROPPED', "
    "data_timestamp, NULL, NULL, NULL, NULL, NULL, comment, text, dropped_on FROM dyntables.dropped_tables"
)


def show(session: Session, statement: ShowDynamicTables) -> Result:
    """List the dynamic tables."""
    with session.connection.transaction():
        if session.role is not None:
            # The view shows a role what that may see; nothing but our own functions runs here.
            session.connection.execute(f"SET LOCAL ROLE {quote_qualified(session.role)}")
        cursor = _select(session, statement)
        assert cursor.description is not None
        return Result([c.name for c in cursor.description], cursor.fetchall(), "SHOW DYNAMIC TABLES")


def _select(session: Session, statement: ShowDynamicTables) -> psycopg.Cursor[Any]:
    listed = f"SELECT {_SHOWN} FROM dyntables.dynamic_tables"
    if statement.history:
        listed = f"SELECT {_SHOWN}, NULL::timestamptz AS dropped_on FROM dyntables.dynamic_tables UNION ALL {_DROPPED}"
    return session.connection.execute(
        f"SELECT * FROM ({listed}) t WHERE (%(like)s::text IS NULL OR name ILIKE %(like)s) "
        "AND (%(schema)s::text IS NULL OR schema_name = %(schema)s) "
        "AND (%(database)s::text IS NULL OR database_name = %(database)s) "
        "AND (%(starts)s::text IS NULL OR starts_with(name, %(starts)s)) "
        "AND (%(after)s::text IS NULL OR name > %(after)s) "
        "ORDER BY CASE WHEN %(after)s::text IS NULL THEN schema_name END, name, created_on LIMIT %(limit)s",
        {
            "like": statement.like,
            "schema": statement.in_schema,
            "database": statement.in_database,
            "starts": statement.starts_with,
            "after": statement.limit_from,
            "limit": statement.limit,
        },
    )


def describe(session: Session, statement: DescribeDynamicTable) -> Result:
    """List the columns of a dynamic table."""
    table = find(session, statement.name)
    rows = session.connection.execute(
        "SELECT column_name, data_type, comment FROM dyntables.dynamic_table_column WHERE dynamic_table_id = %s "
        "ORDER BY position",
        (table.id,),
    ).fetchall()
    dialect = table.options.get("dialect")
    notices = [f"the definition is in the dialect {dialect}"] if dialect else []
    return Result(["name", "type", "comment"], rows, "DESCRIBE DYNAMIC TABLE", notices)
