"""DROP DYNAMIC TABLE."""

from __future__ import annotations

import psycopg

from dyntables.catalog import graph, store
from dyntables.catalog.model import DynamicTable
from dyntables.commands.capturing import release_unread
from dyntables.commands.session import Result, Session
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements import DropDynamicTable
from dyntables.engines.postgres.errors import translate
from dyntables.engines.postgres.storage import drop_generations
from dyntables.errors import DependentObjectsError, NotFoundError


def drop(session: Session, statement: DropDynamicTable) -> Result:
    """Drop a table, and with CASCADE the dynamic tables that read it."""
    connection = session.connection
    schema, name = session.resolve(statement.name.parts)
    table = store.find(connection, schema, name)
    if table is None:
        if statement.if_exists:
            notice = f'dynamic table "{schema}.{name}" does not exist, skipped'
            return Result(status="DROP DYNAMIC TABLE", notices=[notice])
        raise NotFoundError(f'dynamic table "{schema}.{name}" does not exist')
    tables = store.load_all(connection)
    readers = graph.descendants(tables, table.id)
    if readers and not statement.cascade:
        names = ", ".join(sorted(f'"{tables[r].qualified}"' for r in readers))
        raise DependentObjectsError(
            f'cannot drop dynamic table "{table.qualified}": others read it',
            detail=f"Read by {names}.",
            hint="Drop these first, or use DROP DYNAMIC TABLE … CASCADE.",
        )
    try:
        with connection.transaction():
            for table_id in reversed(graph.topological(tables, readers | {table.id})):
                remove(connection, tables[table_id])
                store.audit(connection, "DROP", tables[table_id].qualified)
    except psycopg.Error as error:
        raise translate(error) from error
    return Result(["status"], [(f"dynamic table {table.qualified} dropped",)], "DROP DYNAMIC TABLE")


def remove(connection: psycopg.Connection, table: DynamicTable) -> None:
    """Remove every trace of a dynamic table; the caller owns the transaction."""
    # A first refresh that failed has made no view; one of that name would be somebody else's.
    if table.view_oid is not None:
        connection.execute(f"DROP VIEW IF EXISTS {quote_qualified(table.schema, table.name)}")
    connection.execute("DELETE FROM dyntables.dynamic_table WHERE id = %s", (table.id,))
    connection.execute(f"DROP TABLE IF EXISTS {table.change_log}")
    release_unread(connection, [d.relation for d in table.dependencies])
    drop_generations(connection, table.id, None)
