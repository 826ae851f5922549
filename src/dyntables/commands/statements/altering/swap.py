"""ALTER DYNAMIC TABLE … SWAP WITH: two tables exchange their names, in one transaction.

A definition means names, as it is written: after the swap a table above reads the table that has the name now, and
therefore computes itself anew at its next refresh. What PostgreSQL binds by identity stays with its table: plain views,
grants, comments.
"""

from __future__ import annotations

from dataclasses import replace

from dyntables.catalog import Connection, graph, store
from dyntables.catalog.definitions import columns, following
from dyntables.catalog.model import DynamicTable, RefreshReason
from dyntables.catalog.past import audit
from dyntables.commands.capturing import capture_sources
from dyntables.commands.command import Command
from dyntables.commands.definition.lags import check_lag
from dyntables.commands.holding import holding
from dyntables.commands.naming import find
from dyntables.commands.rights import Privilege, require_create, require_named
from dyntables.commands.session import ALTERED, Result, Session
from dyntables.compiler.quality.quarantine import beside
from dyntables.compiler.statements import RefreshMode, SwapWith
from dyntables.engines.postgres.rights.hands import guarded, hands_of
from dyntables.engines.postgres.storage.beside import exchange_beside
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
    before = store.load_all(connection)
    readers = sorted({r for i in ids for r in graph.consumers(before, i)})
    with (
        holding(connection, [*ids, *readers]),
        guarded(connection, [before[i].owner for i in (*ids, *readers)]),
    ):
        # The names may lead elsewhere by now.
        first, second = (find(session, name) for name in (statement.name, statement.other))
        if {first.id, second.id} != set(ids):
            raise CatalogError("the names were given to other dynamic tables meanwhile; nothing was changed")
        present = store.load_all(connection)
        _exchange(connection, first, second)
        _reconnect(connection, readers)
        audit.record(connection, "SWAP", second.qualified, {"was": first.qualified})
        audit.record(connection, "SWAP", first.qualified, {"was": second.qualified})
    notices = [f'"{present[r].qualified}" reads by name; its next refresh computes it anew' for r in readers]
    status = f"{first.qualified} and {second.qualified} exchanged"
    return Result(["status"], [(status,)], ALTERED, notices)


def _exchange(connection: Connection, first: DynamicTable, second: DynamicTable) -> None:
    for table in (first, second):
        if table.view_oid is None:
            raise CatalogError(f'dynamic table "{table.qualified}" was never filled')
    views = [NamedView(t.id, t.schema, t.name, hands_of(connection, t.owner)) for t in (first, second)]
    briefly(connection, f'"{first.qualified}" or "{second.qualified}"', lambda: exchange_names(*views))
    besides = [
        (hands_of(connection, one.owner), one.beside, (other.schema, beside(other.name)))
        for one, other in ((first, second), (second, first))
    ]
    exchange_beside(connection, *besides)
    # Names are unique at every moment.
    following.rename(connection, first.id, first.schema, f"dyntables_swap_{first.id}")
    following.rename(connection, second.id, first.schema, first.name)
    following.rename(connection, first.id, second.schema, second.name)


def _reconnect(connection: Connection, readers: list[int]) -> None:
    """Let the catalog know what the tables above read now."""
    loaded = store.load_all(connection)
    readings = {reader: _read(connection, loaded[reader]) for reader in readers}
    present = {i: replace(t, dependencies=readings[i].dependencies) if i in readings else t for i, t in loaded.items()}
    released: set[int] = set()
    for reader, reading in readings.items():
        table, upstream = loaded[reader], graph.upstream(present, reader)
        graph.check_cycle(present, reader, upstream)
        check_lag(present, upstream, table.schedule.target_lag_seconds, table.qualified)
        store.replace_dependencies(connection, reader, reading.dependencies)
        following.reinitialize(connection, reader, str(RefreshReason.SOURCE_ALTERED))
        if table.incremental:
            capture_sources(connection, reading.compiled, reading.dependencies)
        released |= {d.relation for d in table.dependencies}
    release_unread(connection, released)


def _read(connection: Connection, table: DynamicTable) -> Reading:
    try:
        reading = read(connection, table, table.contents.generation)
    except DyntablesError as error:
        raise DependentObjectsError(
            f'cannot swap: "{table.qualified}" could not be read any more: {error.message}',
            hint="Tables above read by name. Change that one first, or drop it.",
        ) from error
    has = tuple((name, type_.name) for name, type_ in reading.described.view.columns)
    if columns.types(connection, table.id) != has:
        raise DependentObjectsError(f'cannot swap: "{table.qualified}" would have columns of other types')
    if table.definition.refresh_mode is RefreshMode.INCREMENTAL and reading.reason is not None:
        raise DependentObjectsError(
            f'cannot swap: "{table.qualified}" could not be refreshed incrementally any more: {reading.reason.detail}'
        )
    return reading


def _needs(session: Session, statement: SwapWith) -> None:
    require_named(session, statement, Privilege.OWNERSHIP)
    for name in (statement.name, statement.other):
        require_create(session, session.resolve(name.parts)[0])


COMMAND = Command(SwapWith, swap, needs=_needs, alone=True)
