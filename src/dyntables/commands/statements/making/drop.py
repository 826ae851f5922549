"""DROP DYNAMIC TABLE."""

from __future__ import annotations

from dyntables.catalog import Connection, graph, store, tables
from dyntables.catalog.definitions.dropped import keep, view_aside
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.past import audit
from dyntables.commands.command import Command
from dyntables.commands.holding import holding
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import DropDynamicTable
from dyntables.engines.postgres.storage import user_views
from dyntables.engines.postgres.storage.beside import drop_beside
from dyntables.engines.postgres.storage.change_logs import drop_change_log
from dyntables.engines.postgres.storage.generations import drop_generations
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
            present = store.load_all(connection)
            if table.id not in present:
                raise NotFoundError(f'dynamic table "{table.qualified}" was dropped by somebody else')
            if graph.descendants(present, table.id) <= readers:
                return _drop(connection, present, table.id)


def _drop(connection: Connection, present: dict[int, DynamicTable], table_id: int) -> Result:
    kept = False
    with connection.transaction():
        for each in reversed(graph.topological(present, graph.descendants(present, table_id) | {table_id})):
            kept |= _keep_or_remove(connection, present[each])
            audit.record(connection, "DROP", present[each].qualified)
    status = f"dynamic table {present[table_id].qualified} dropped"
    return Result(["status"], [(f"{status}; UNDROP can bring it back" if kept else status,)], "DROP DYNAMIC TABLE")


def _read_by(connection: Connection, table: DynamicTable, readers: set[int]) -> DependentObjectsError:
    names = ", ".join(sorted(f'"{t.qualified}"' for t in store.load_all(connection, readers).values()))
    return DependentObjectsError(
        f'cannot drop dynamic table "{table.qualified}": others read it',
        detail=f"Read by {names}.",
        hint="Drop these first, or use DROP DYNAMIC TABLE … CASCADE.",
    )


def _keep_or_remove(connection: Connection, table: DynamicTable) -> bool:
    """Put a table aside for as long as its retention says, or remove it; tell which."""
    drop_beside(connection, table.beside)
    if not table.retention_days or not user_views.exists(connection, table.schema, table.name, table.view_oid):
        remove(connection, table)
        return False
    user_views.put_aside(connection, table.schema, table.name, view_aside(table.id))
    keep(connection, table.id, table.retention_days)
    _leave_catalog(connection, table)
    return True


def remove(connection: Connection, table: DynamicTable) -> None:
    """Remove every trace of a dynamic table, for good; the caller owns the transaction."""
    drop_beside(connection, table.beside)
    if user_views.exists(connection, table.schema, table.name, table.view_oid):
        user_views.drop(connection, table.schema, table.name)
    _leave_catalog(connection, table)
    drop_generations(connection, table.id, None)


def _leave_catalog(connection: Connection, table: DynamicTable) -> None:
    tables.delete(connection, table.id)
    drop_change_log(connection, table.change_log)
    release_unread(connection, [d.relation for d in table.dependencies])


COMMAND = Command(DropDynamicTable, drop, alone=True, skips_missing=False)
