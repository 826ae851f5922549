"""DROP DYNAMIC TABLE."""

from __future__ import annotations

import psycopg

from dyntables.catalog import graph, store
from dyntables.catalog.dropped import keep
from dyntables.catalog.model import DynamicTable
from dyntables.commands.holding import holding
from dyntables.commands.session import Result, Session
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements import DropDynamicTable
from dyntables.engines.postgres.connection.errors import translate
from dyntables.engines.postgres.storage.tables import drop_generations
from dyntables.errors import DependentObjectsError, NotFoundError
from dyntables.refresh.logs.trim import release_unread


def drop(session: Session, statement: DropDynamicTable) -> Result:
    """Drop a table, and with CASCADE the dynamic tables that read it; they are kept for UNDROP as long as they say."""
    connection = session.connection
    schema, name = session.resolve(statement.name.parts)
    table = store.find(connection, schema, name)
    if table is None:
        if statement.if_exists:
            notice = f'dynamic table "{schema}.{name}" does not exist, skipped'
            return Result(status="DROP DYNAMIC TABLE", notices=[notice])
        raise NotFoundError(f'dynamic table "{schema}.{name}" does not exist')
    while True:
        readers = graph.descendants(store.load_all(connection), table.id)
        if readers and not statement.cascade:
            raise _read_by(connection, table, readers)
        with holding(connection, [table.id, *readers]):
            tables = store.load_all(connection)
            if table.id not in tables:
                raise NotFoundError(f'dynamic table "{table.qualified}" was dropped by somebody else')
            if graph.descendants(tables, table.id) <= readers:
                return _drop(connection, tables, table.id)


def _drop(connection: psycopg.Connection, tables: dict[int, DynamicTable], table_id: int) -> Result:
    kept = False
    try:
        with connection.transaction():
            for each in reversed(graph.topological(tables, graph.descendants(tables, table_id) | {table_id})):
                kept |= _keep_or_remove(connection, tables[each])
                store.audit(connection, "DROP", tables[each].qualified)
    except psycopg.Error as error:
        raise translate(error) from error
    status = f"dynamic table {tables[table_id].qualified} dropped"
    return Result(["status"], [(f"{status}; UNDROP can bring it back" if kept else status,)], "DROP DYNAMIC TABLE")


def _read_by(connection: psycopg.Connection, table: DynamicTable, readers: set[int]) -> DependentObjectsError:
    names = ", ".join(sorted(f'"{t.qualified}"' for t in store.load_all(connection, readers).values()))
    return DependentObjectsError(
        f'cannot drop dynamic table "{table.qualified}": others read it',
        detail=f"Read by {names}.",
        hint="Drop these first, or use DROP DYNAMIC TABLE … CASCADE.",
    )


def _keep_or_remove(connection: psycopg.Connection, table: DynamicTable) -> bool:
    """Put a table aside for as long as its retention says, or remove it; tell which."""
    view = quote_qualified(table.schema, table.name)
    if not table.retention_days or not _has_view(connection, table):
        remove(connection, table)
        return False
    with connection.transaction(force_rollback=True):
        # What the server would say of those who use the view, it says now.
        connection.execute(f"DROP VIEW {view}")
    aside = f"dropped_{table.id}"
    connection.execute(f"ALTER VIEW {view} RENAME TO {aside}")
    connection.execute(f"ALTER VIEW {quote_qualified(table.schema, aside)} SET SCHEMA dyntables_data")
    keep(connection, table.id, table.retention_days)
    _leave_catalog(connection, table)
    return True


def remove(connection: psycopg.Connection, table: DynamicTable) -> None:
    """Remove every trace of a dynamic table, for good; the caller owns the transaction."""
    if _has_view(connection, table):
        connection.execute(f"DROP VIEW {quote_qualified(table.schema, table.name)}")
    _leave_catalog(connection, table)
    drop_generations(connection, table.id, None)


def _has_view(connection: psycopg.Connection, table: DynamicTable) -> bool:
    """Tell whether the view of that name is the table's: it may never have been made, or be somebody else's now."""
    name = quote_qualified(table.schema, table.name)
    row = connection.execute("SELECT to_regclass(%s)::oid = %s", (name, table.view_oid)).fetchone()
    return bool(row and row[0])


def _leave_catalog(connection: psycopg.Connection, table: DynamicTable) -> None:
    connection.execute("DELETE FROM dyntables.dynamic_table WHERE id = %s", (table.id,))
    connection.execute(f"DROP TABLE IF EXISTS {table.change_log}")
    release_unread(connection, [d.relation for d in table.dependencies])
