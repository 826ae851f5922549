"""ALTER DYNAMIC TABLE … SWAP WITH: two tables exchange their names, in one transaction.

A definition means names, as it is written: after the swap a table above reads the table that has the name now, and
therefore computes itself anew at its next refresh. What PostgreSQL binds by identity stays with its table: plain views,
grants, comments.
"""

from __future__ import annotations

from dataclasses import replace

import psycopg

from dyntables.catalog import graph, store
from dyntables.catalog.model import DynamicTable, RefreshReason
from dyntables.commands.alter import find
from dyntables.commands.capturing import capture_sources
from dyntables.commands.definition.draft import check_lag
from dyntables.commands.holding import holding
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import SwapWith
from dyntables.engines.postgres.rights.hands import guarded, hands_of
from dyntables.engines.postgres.storage.views import NamedView, briefly, exchange_names
from dyntables.errors import CatalogError, DependentObjectsError, DyntablesError
from dyntables.refresh.logs.trim import release_unread
from dyntables.refresh.sources.definitions import Reading
from dyntables.refresh.sources.plans import read


def swap(session: Session, statement: SwapWith) -> Result:
    """Exchange two names; tables above that mean one of them are computed anew at their next refresh.

    Raises:
        DependentObjectsError: a table above could not be read any more, or would have other columns.
        CycleError, InvalidOptionError: the graph or the lags would not fit.
    """
    connection = session.connection
    ids = [find(session, name).id for name in (statement.name, statement.other)]
    if ids[0] == ids[1]:
        raise CatalogError("a dynamic table cannot be swapped with itself")
    tables = store.load_all(connection)
    readers = sorted({r for i in ids for r in graph.consumers(tables, i)})
    with (
        holding(connection, [*ids, *readers]),
        guarded(connection, [tables[i].owner for i in (*ids, *readers)]),
    ):
        # The names may lead elsewhere by now.
        first, second = (find(session, name) for name in (statement.name, statement.other))
        if {first.id, second.id} != set(ids):
            raise CatalogError("the names were given to other dynamic tables meanwhile; nothing was changed")
        tables = store.load_all(connection)
        _exchange(connection, first, second)
        _reconnect(connection, readers)
        store.audit(connection, "SWAP", second.qualified, was=first.qualified)
        store.audit(connection, "SWAP", first.qualified, was=second.qualified)
    notices = [f'"{tables[r].qualified}" reads by name; its next refresh computes it anew' for r in readers]
    status = f"{first.qualified} and {second.qualified} exchanged"
    return Result(["status"], [(status,)], "ALTER DYNAMIC TABLE", notices)


def _exchange(connection: psycopg.Connection, first: DynamicTable, second: DynamicTable) -> None:
    for table in (first, second):
        if table.view_oid is None:
            raise CatalogError(f'dynamic table "{table.qualified}" was never filled')
    views = [NamedView(t.id, t.schema, t.name, hands_of(connection, t.owner)) for t in (first, second)]
    briefly(connection, f'"{first.qualified}" or "{second.qualified}"', lambda: exchange_names(*views))
    # Names are unique at every moment.
    store.update(connection, first.id, table_name=f"dyntables_swap_{first.id}")
    store.update(connection, second.id, schema_name=first.schema, table_name=first.name)
    store.update(connection, first.id, schema_name=second.schema, table_name=second.name)


def _reconnect(connection: psycopg.Connection, readers: list[int]) -> None:
    """Let the catalog know what the tables above read now."""
    tables = store.load_all(connection)
    readings = {reader: _read(connection, tables[reader]) for reader in readers}
    present = {i: replace(t, dependencies=readings[i].dependencies) if i in readings else t for i, t in tables.items()}
    released: set[int] = set()
    for reader, reading in readings.items():
        table, upstream = tables[reader], graph.upstream(present, reader)
        graph.check_cycle(present, reader, upstream)
        check_lag(present, upstream, table.target_lag_seconds, table.qualified)
        store.replace_dependencies(connection, reader, reading.dependencies)
        reason = table.reinitialize_reason or str(RefreshReason.SOURCE_ALTERED)
        store.update(connection, reader, reinitialize_reason=reason)
        if table.incremental:
            capture_sources(connection, reading.compiled, reading.dependencies)
        released |= {d.relation for d in table.dependencies}
    release_unread(connection, released)


def _read(connection: psycopg.Connection, table: DynamicTable) -> Reading:
    try:
        reading = read(connection, table, table.generation)
    except DyntablesError as error:
        raise DependentObjectsError(
            f'cannot swap: "{table.qualified}" could not be read any more: {error.message}',
            hint="Tables above read by name. Change that one first, or drop it.",
        ) from error
    had = connection.execute(
        "SELECT column_name, data_type FROM dyntables.dynamic_table_column WHERE dynamic_table_id = %s "
        "ORDER BY position",
        (table.id,),
    ).fetchall()
    if had != [(name, type_.name) for name, type_ in reading.described.view.columns]:
        raise DependentObjectsError(f'cannot swap: "{table.qualified}" would have columns of other types')
    if table.refresh_mode == "INCREMENTAL" and reading.reason is not None:
        raise DependentObjectsError(
            f'cannot swap: "{table.qualified}" could not be refreshed incrementally any more: {reading.reason.detail}'
        )
    return reading
